import { byTurns } from './byTurns.cts';
import { figures, isQuick, publish, withSpread } from './table.cts';

const SIZES = isQuick ? [100, 300] : [1_000, 10_000, 50_000];
const TIMES = 3;

/** Whether the cost per item stays the same when there are many. */
export async function manyItems(): Promise<void> {
	const rows: string[][] = [];
	for (const size of SIZES) {
		const { start } = await byTurns('manyItems', ['start'], [String(size)], TIMES);
		const perItem = figures(start, 'seconds').map((seconds) => (seconds / size) * 1000);
		rows.push([String(size), withSpread(perItem), withSpread(figures(start, 'extraMiB'), 0)]);
	}
	publish(
		'manyItems',
		'Many items in n8n’s engine, each with one expression. The server does nothing and is in the same process. Median (lowest–highest).',
		['items', 'ms per item', 'extra MiB'],
		rows,
	);
}
