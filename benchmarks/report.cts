import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';

import { markdownTable, putIntoPage } from '../test/docs/page.cts';

/** What a benchmark came to: a table with a sentence above it. */
export interface Report {
	/** The benchmark's name, which is also its place in docs/performance.md. */
	name: string;
	/** What was done, in a sentence or two. */
	text: string;
	head: string[];
	rows: string[][];
	/** Every single figure, for the JSON file. */
	samples: unknown;
}

/** Whether each way is to be tried once and nothing kept: to see that everything works. */
export function isQuick(): boolean {
	return process.env.BENCH_QUICK !== undefined;
}

/** Prints a report, keeps it as JSON with every sample, and puts it into docs/performance.md. */
export function publish({ name, text, head, rows, samples }: Report): void {
	const table = markdownTable(head, rows);
	process.stdout.write(`\n${text}\n\n${table}\n`);
	if (isQuick()) return;
	const results = join(__dirname, 'results');
	mkdirSync(results, { recursive: true });
	const machine = {
		date: new Date().toISOString().slice(0, 10),
		node: process.version,
		processors: availableParallelism(),
		// How busy the machine was, this benchmark included: the mean of the last 1, 5 and 15 minutes.
		load: loadavg(),
	};
	const json = { name, machine, head, rows, samples };
	writeFileSync(join(results, `${name}.json`), `${JSON.stringify(json, null, '\t')}\n`);
	putIntoPage('performance.md', name, `${text}\n\n${table}`);
}
