import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { EXAMPLES_FOLDER, exampleNames } from '../../sandbox/editor/examples.cts';
import { readWorkflow } from '../../sandbox/editor/workflowFile.cts';

const E2E = ['agents', 'examples']
	.map((name) => readFileSync(join(__dirname, '..', 'e2e', `${name}.test.cts`), 'utf8'))
	.join('');

describe.each(exampleNames())('%s', (name) => {
	const { nodes } = readWorkflow(readFileSync(join(EXAMPLES_FOLDER, `${name}.json`), 'utf8'));

	test('explains itself in one note, and names its nodes in title case', () => {
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		expect(notes).toHaveLength(1);
		for (const heading of ['Try it', 'Use it', 'Cost']) {
			expect(notes[0]?.parameters.content).toContain(`### ${heading}`);
		}
		for (const node of nodes) {
			expect(node.name).toMatch(/^([A-Z][\w-]*|\d+)( ([A-Z][\w-]*|\d+|to|of|the|a|for|in))*$/);
		}
	});

	test("leaves the Dibby workflow's URL and all credentials empty, so that n8n marks what to set up", () => {
		const dibby = nodes.filter(({ type }) => type.startsWith('n8n-nodes-dibby.'));
		expect(dibby.map(({ parameters }) => parameters.workflow)).toEqual([
			{ __rl: true, mode: 'url', value: '' },
		]);
		expect(nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
	});

	test('is tried with one click: it has a single active trigger', () => {
		const triggers = nodes.filter(({ type }) => /trigger$/i.test(type));
		expect(triggers.filter(({ disabled }) => disabled !== true)).toHaveLength(1);
	});

	test('is executed in a real n8n', () => {
		expect(E2E).toContain(`'${name}'`);
	});
});
