import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { installInto, isInstalled } from '../../sandbox/editor/npm.cts';
import { PROJECT_FOLDER, WORK_FOLDER } from '../../sandbox/editor/paths.cts';
import { markdownTable } from '../docs/page.cts';
import { FEATURES, VERSIONS } from './versions.cts';

const TESTS = ['test/engine', 'test/faults/(faults|retry|lateNetworkErrors)'];

const COLUMNS = ['n8n-core', 'n8n-workflow', 'tests passed', 'not available'];

/** `npm run test:versions [version …]`: types and engine tests with other versions of n8n-core. */
async function main(versions: string[]): Promise<void> {
	const rows: string[][] = [];
	for (const version of versions) {
		const folder = await installCore(version);
		const core = versionOf(folder, 'n8n-core');
		console.log(`n8n-core ${core} ...`);
		const missing = FEATURES.filter(({ missingIn }) => missingIn.includes(version));
		const excluded = missing.flatMap(({ tests }) => tests);
		const passed = checkTypes(folder) && runTests(folder, excluded);
		if (passed === false) process.exitCode = 1;
		const features = missing.map(({ name }) => name).join('; ');
		rows.push([core, versionOf(folder, 'n8n-workflow'), String(passed || 'failed'), features]);
	}
	console.log(markdownTable(COLUMNS, rows));
}

/** Installs n8n-core into the work folder, unless it's there. A tag such as `latest` is looked up again each time. */
async function installCore(version: string): Promise<string> {
	const folder = path.join(WORK_FOLDER, 'core', version);
	const isExact = /^\d/.test(version);
	if (isExact && isInstalled(folder)) return folder;
	rmSync(folder, { recursive: true, force: true });
	await installInto(folder, `n8n-core@${version}`, ['--legacy-peer-deps']);
	return folder;
}

function versionOf(folder: string, name: string): string {
	const file = path.join(folder, 'node_modules', name, 'package.json');
	return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Compiles the node with the types of a folder's n8n-workflow. */
function checkTypes(folder: string): boolean {
	const project = path.join(folder, 'tsconfig.json');
	const base = (name: string) => path.join(PROJECT_FOLDER, name);
	const config = {
		extends: base('tsconfig.json'),
		compilerOptions: {
			noEmit: true,
			rootDir: PROJECT_FOLDER,
			typeRoots: [base('node_modules/@types')],
			paths: { 'n8n-workflow': [path.join(folder, 'node_modules', 'n8n-workflow')] },
		},
		include: [base('nodes/**/*.ts'), base('credentials/**/*.ts')],
	};
	writeFileSync(project, JSON.stringify(config));
	return run('typescript/bin/tsc', ['--project', project]);
}

/** @returns how many tests passed, or false when one failed */
function runTests(folder: string, excluded: RegExp[]): number | false {
	const report = path.join(folder, 'report.json');
	const names = excluded.map(({ source }) => source).join('|');
	const filter = names === '' ? [] : ['--testNamePattern', `^(?!.*(${names}))`];
	const env = { ...process.env, N8N_CORE_FOLDER: folder };
	const flags = ['--silent', '--reporters=summary', '--json', '--outputFile', report];
	if (!run('jest/bin/jest.js', [...TESTS, ...flags, ...filter], env)) return false;
	return (JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number }).numPassedTests;
}

function run(script: string, args: string[], env = process.env): boolean {
	const file = path.join(PROJECT_FOLDER, 'node_modules', script);
	const options = { cwd: PROJECT_FOLDER, env, stdio: 'inherit' } as const;
	return spawnSync(process.execPath, [file, ...args], options).status === 0;
}

const asked = process.argv.slice(2);
main(asked.length > 0 ? asked : VERSIONS).catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
