import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';
import type { InstalledCore } from './install.cts';

/** What came of the engine tests with one version of n8n. */
export interface TestOutcome {
	passed: number;
	failed: Array<{ name: string; message: string }>;
}

/** The part of jest's report that is used here. */
interface JestReport {
	numPassedTests: number;
	testResults: Array<{
		message: string;
		assertionResults: Array<{ fullName: string; status: string; failureMessages: string[] }>;
	}>;
}

/** The packages that n8n gives to a node; the compiled node and the tests' harness must get the same ones. */
const GIVEN_BY_N8N = ['n8n-core', 'n8n-workflow', 'luxon'];

/** Runs tests with the n8n of a folder in place of the one that the project is developed with. */
export function runTests({ core, folder }: InstalledCore, tests: string[]): TestOutcome {
	const { resolve } = createRequire(path.join(folder, 'package.json'));
	const config = createRequire(__filename)(path.join(PROJECT_FOLDER, 'jest.config.js')) as {
		projects: Array<{ moduleNameMapper: object }>;
	};
	const projects = config.projects.map((project) => ({
		...project,
		rootDir: PROJECT_FOLDER,
		// The folder's own packages are used, and never searched for tests.
		roots: ['test', 'dist', 'sandbox'].map((root) => path.join(PROJECT_FOLDER, root)),
		modulePathIgnorePatterns: [],
		moduleNameMapper: {
			...project.moduleNameMapper,
			...Object.fromEntries(GIVEN_BY_N8N.map((name) => [`^${name}$`, resolve(name)])),
		},
	}));
	const results = mkdtempSync(path.join(tmpdir(), 'dibby-versions-'));
	const report = path.join(results, 'report.json');
	try {
		const { status, stderr } = spawnSync(
			process.execPath,
			[
				path.join(PROJECT_FOLDER, 'node_modules', 'jest', 'bin', 'jest.js'),
				...[
					'--config',
					JSON.stringify({ ...config, rootDir: PROJECT_FOLDER, projects }),
					'--json',
					'--outputFile',
					report,
					'--silent',
				],
				...tests,
			],
			{
				cwd: PROJECT_FOLDER,
				encoding: 'utf8',
				maxBuffer: 1e9,
				env: { ...process.env, DIBBY_N8N_CORE: core },
			},
		);
		if (status !== 0 && status !== 1) throw new Error(`jest ended with ${status}: ${stderr}`);
		return outcomeOf(JSON.parse(readFileSync(report, 'utf8')) as JestReport);
	} finally {
		rmSync(results, { recursive: true });
	}
}

function outcomeOf({ numPassedTests, testResults }: JestReport): TestOutcome {
	const failed = testResults.flatMap(({ message, assertionResults }) => {
		// A file that can't even be loaded has no tests.
		if (assertionResults.length === 0) return [{ name: 'a test file did not run', message }];
		return assertionResults
			.filter(({ status }) => status === 'failed')
			.map(({ fullName, failureMessages }) => ({
				name: fullName,
				message: failureMessages.join('\n'),
			}));
	});
	return { passed: numPassedTests, failed };
}
