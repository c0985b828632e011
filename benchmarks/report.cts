import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A question's answer: a table with a sentence above it. */
export interface Report {
	/** The name of the question, which is also its place in docs/performance.md. */
	name: string;
	/** What was done, in a sentence or two. */
	text: string;
	head: string[];
	rows: string[][];
}

/** Prints a report, keeps it as JSON, and puts it into docs/performance.md. */
export function publish({ name, text, head, rows }: Report): void {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
	process.stdout.write(`\n${text}\n\n${table}\n`);
	const results = join(__dirname, 'results');
	mkdirSync(results, { recursive: true });
	const json = {
		name,
		date: new Date().toISOString().slice(0, 10),
		node: process.version,
		head,
		rows,
	};
	writeFileSync(join(results, `${name}.json`), `${JSON.stringify(json, null, '\t')}\n`);
	const page = join(__dirname, '..', 'docs', 'performance.md');
	if (!existsSync(page)) return;
	const markers = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`);
	writeFileSync(page, readFileSync(page, 'utf8').replace(markers, `$1${text}\n\n${table}$2`));
}
