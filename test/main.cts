import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { build } from '../sandbox/editor/build.cts';
import { writeScaling } from './queue/scaling.cts';

const project = join(__dirname, '..');

/** Runs a program of the project with its output shown, and ends this one when it fails. */
function run(script: string, parameters: string[] = [], env: NodeJS.ProcessEnv = {}): void {
	const { status } = spawnSync(
		process.execPath,
		[join(project, 'node_modules', script), ...parameters],
		{
			cwd: project,
			stdio: 'inherit',
			env: { ...process.env, ...env },
		},
	);
	if (status !== 0) process.exit(status ?? 1);
}

/** Flags of this script, each with what it tells the tests. */
const FLAGS: Record<string, NodeJS.ProcessEnv> = {
	'--write-table': { FAULT_TABLE: 'write' },
	'--screenshots': { SCREENSHOTS: 'write' },
};

/** The heavy suites, which run by name. */
const SUITES: Record<string, string> = {
	'--e2e': '<rootDir>/test/e2e/**/*.test.cts',
	'--browser': '<rootDir>/test/e2e/browser.test.cts',
	'--queue': '<rootDir>/test/queue/**/*.test.cts',
};

const parameters = process.argv.slice(2);
const flags = parameters.filter((parameter) => parameter in FLAGS);
const suites = parameters.filter((parameter) => parameter in SUITES);
const heavy = suites.flatMap((suite) => [
	'--runInBand',
	'--testTimeout=120000',
	'--testMatch',
	SUITES[suite] ?? '',
]);

// `npm test`: the tests run what n8n would load, so the package is built first.
build();
run(
	'jest/bin/jest.js',
	[
		...parameters.filter((parameter) => !flags.includes(parameter) && !suites.includes(parameter)),
		...heavy,
	],
	Object.assign({}, ...flags.map((flag) => FLAGS[flag])) as NodeJS.ProcessEnv,
);
if (suites.includes('--queue')) writeScaling();
