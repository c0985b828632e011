import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT_FOLDER, WORK_FOLDER } from '../../sandbox/editor/paths.cts';
import { markdownTable, putIntoPage } from '../docs/page.cts';
import setUp from '../support/temporarySetup.cts';
import tearDown from '../support/temporaryTeardown.cts';

/**
 * The part of Stryker's report that is used here. A status is Killed, Timeout, Survived, NoCoverage, Ignored, or one of a
 * few that say that a mutant could not be tried.
 */
interface Report {
	files: Record<string, { mutants: Array<{ status: string }> }>;
}

const COLUMNS = ['folder', 'mutants', 'found', 'survived', 'never run', 'score'];

/**
 * `npm run test:mutation`: changes the node's code in one place at a time, and sees whether a test notices.
 * The table goes into CONTRIBUTING.md; every survivor is printed, and shown in `.n8n/mutation.html`.
 */
function main(parameters: string[]): void {
	const stryker = path.join(PROJECT_FOLDER, 'node_modules/@stryker-mutator/core/bin/stryker.js');
	const config = path.join(__dirname, 'stryker.config.json');
	setUp();
	const { status } = spawnSync(process.execPath, [stryker, 'run', config, ...parameters], {
		cwd: PROJECT_FOLDER,
		stdio: 'inherit',
		// Fewer inputs are made up for each mutant than for `npm test`; more would take hours.
		env: { PROPERTY_RUNS: '25', ...process.env },
	});
	tearDown();
	if (status !== 0) throw new Error(`Stryker ended with ${status}`);
	const file = path.join(WORK_FOLDER, 'mutation.json');
	const table = tableOf(JSON.parse(readFileSync(file, 'utf8')) as Report);
	console.log(`\n${table}`);
	// Some files only tell nothing about the whole.
	if (parameters.includes('--mutate')) return;
	putIntoPage('CONTRIBUTING.md', 'mutation', table);
}

/** @returns a table in Markdown, a line for each folder of the node and one for all of them */
function tableOf({ files }: Report): string {
	const mutants = Object.entries(files).flatMap(([file, { mutants }]) =>
		mutants
			.filter(({ status }) => status !== 'Ignored')
			.map(({ status }) => ({ folder: `\`${path.dirname(file)}/\``, status })),
	);
	const folders = [...new Set(mutants.map(({ folder }) => folder))].sort();
	const rows = folders.map((name) =>
		cellsOf(
			name,
			mutants.filter(({ folder }) => folder === name),
		),
	);
	return markdownTable(COLUMNS, [...rows, cellsOf('all', mutants)]);
}

function cellsOf(name: string, mutants: Array<{ status: string }>): Array<string | number> {
	const count = (...wanted: string[]) =>
		mutants.filter(({ status }) => wanted.includes(status)).length;
	const found = count('Killed', 'Timeout');
	const survived = count('Survived');
	const neverRun = count('NoCoverage');
	const tried = found + survived + neverRun;
	const score = `${((100 * found) / tried).toFixed(1)} %`;
	return [name, tried, found, survived, neverRun, score];
}

main(process.argv.slice(2));
