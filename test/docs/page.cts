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
 * Writes what a command measured between `<!-- name -->` and `<!-- /name -->` of a page.
 *
 * @param page the page's path in the project
 * @throws Error if the page has no such place
 */
export function putIntoPage(page: string, name: string, text: string): void {
	const file = join(__dirname, '..', '..', page);
	const old = readFileSync(file, 'utf8');
	const marked = new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- /${name} -->)`);
	if (!marked.test(old)) throw new Error(`${page} has no place for ${name}`);
	const renewed = old.replace(marked, () => `${text}\n`);
	writeFileSync(file, renewed);
}
