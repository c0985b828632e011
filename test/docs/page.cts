import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns a table in Markdown, without a line break at its end */
export function markdownTable(
	head: readonly string[],
	rows: ReadonlyArray<ReadonlyArray<string | number>>,
): string {
	const line = (cells: ReadonlyArray<string | number>) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * Puts what a command measured between `<!-- name -->` and `<!-- /name -->` of a page in docs/, in place of what it
 * measured before. A page without the two marks stays as it is.
 */
export function putIntoPage(page: string, name: string, text: string): void {
	const file = join(__dirname, '..', '..', 'docs', page);
	const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
	const renewed = readFileSync(file, 'utf8').replace(
		marked,
		(_all, before: string, after: string) => `${before}${text}\n${after}`,
	);
	writeFileSync(file, renewed);
}
