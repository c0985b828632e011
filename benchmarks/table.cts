import { availableParallelism } from 'node:os';

import { markdownTable, putIntoPage } from '../test/docs/page.cts';
import type { Measured, Outcome } from './measure.cts';

/** `--quick` tries everything once and only prints, to see whether the benchmarks work. */
export const isQuick = process.argv.includes('--quick');

/** Prints a table and puts it between the marks of that name in docs/performance.md. */
export function publish(name: string, text: string, head: string[], rows: string[][]): void {
	const date = new Date().toISOString().slice(0, 10);
	const machine = `Node.js ${process.versions.node}, ${availableParallelism()} cores, ${date}.`;
	const table = `${text} ${machine}\n\n${markdownTable(head, rows)}`;
	console.log(`\n${table}`);
	if (!isQuick) putIntoPage('docs/performance.md', name, table);
}

/** The median, with the lowest and highest value: `1.02 (0.98–1.10)`. */
export function withSpread(values: number[], digits = 2): string {
	const sorted = [...values].sort((a, b) => a - b);
	const [first, last] = [sorted[0], sorted.at(-1)];
	if (first === undefined || last === undefined) return '–';
	const half = (sorted.length - 1) / 2;
	const median = ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
	if (sorted.length === 1) return `${median.toFixed(digits)} (once)`;
	return `${median.toFixed(digits)} (${first.toFixed(digits)}–${last.toFixed(digits)})`;
}

/** One figure of all outcomes that didn't fail. */
export function figures(outcomes: Outcome[] = [], name: keyof Measured): number[] {
	return outcomes.flatMap((outcome) => ('failed' in outcome ? [] : [outcome[name]]));
}

/** Ratios of the seconds of two ways that were measured next to each other. */
export function ratios(above: Outcome[] = [], below: Outcome[] = []): number[] {
	return above.flatMap((outcome, index) => {
		const other = below[index];
		if (other === undefined || 'failed' in outcome || 'failed' in other) return [];
		return [outcome.seconds / other.seconds];
	});
}

/** A figure with its spread, or why there is none. */
export function cell(outcomes: Outcome[] = [], name: keyof Measured, digits = 2): string {
	const [first] = outcomes;
	if (first !== undefined && 'failed' in first) return `fails: ${first.failed}`;
	return withSpread(figures(outcomes, name), digits);
}
