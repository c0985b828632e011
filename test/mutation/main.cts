import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT_FOLDER, WORK_FOLDER } from '../../sandbox/editor/paths.cts';
import { markdownTable, putIntoPage } from '../docs/page.cts';
import setUp from '../support/temporarySetup.cts';
import tearDown from '../support/temporaryTeardown.cts';

/** Killed, Timeout, Survived, NoCoverage, Ignored, and a few that say that a mutant could not be tried. */
type Status = string;

/** The part of Stryker's report that is used here. */
interface Report {
	files: Record<string, { mutants: Array<{ status: Status }> }>;
}

const COLUMNS = ['folder', 'mutants', 'found', 'survived', 'never run', 'score'];

/**
 * `npm run test:mutation`: changes the node's code in one place at a time, and sees whether a test notices.
 * The table goes into CONTRIBUTING.md; every survivor is printed, and shown in `.n8n/mutation.html`.
 */
function main(parameters: string[]): void {
	const stryker = path.join(PROJECT_FOLDER, 'node_modules', '@stryker-mutator', 'core', 'bin');
	setUp();
	const { status } = spawnSync(
		process.execPath,
		[
			path.join(stryker, 'stryker.js'),
			'run',
			path.join(__dirname, 'stryker.config.json'),
			...parameters,
		],
		{
			cwd: PROJECT_FOLDER,
			stdio: 'inherit',
			// Fewer inputs are made up for each mutant than for `npm test`; more would take hours.
			env: { PROPERTY_RUNS: '25', ...process.env },
		},
	);
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
	const folders = new Map<string, Status[]>();
	for (const [file, { mutants }] of Object.entries(files)) {
		const folder = path.dirname(file);
		folders.set(folder, [
			...(folders.get(folder) ?? []),
			...mutants.map(({ status }) => status).filter((status) => status !== 'Ignored'),
		]);
	}
	const rows = [...folders]
		.filter(([, statuses]) => statuses.length > 0)
		.sort(([a], [b]) => a.localeCompare(b));
	const all = rows.flatMap(([, statuses]) => statuses);
	return markdownTable(COLUMNS, [
		...rows.map(([folder, statuses]) => cellsOf(`\`${folder}/\``, statuses)),
		cellsOf('all', all),
	]);
}

function cellsOf(name: string, statuses: Status[]): Array<string | number> {
	const count = (...wanted: Status[]) =>
		statuses.filter((status) => wanted.includes(status)).length;
	const found = count('Killed', 'Timeout');
	const survived = count('Survived');
	const neverRun = count('NoCoverage');
	const tried = found + survived + neverRun;
	const score = `${((100 * found) / tried).toFixed(1)} %`;
	return [name, tried, found, survived, neverRun, score];
}

main(process.argv.slice(2));
