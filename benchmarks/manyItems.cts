import { byTurns } from './byTurns.cts';
import { figures, isQuick, publish, withSpread } from './table.cts';

const SIZES = isQuick ? [100, 300] : [1_000, 10_000, 50_000];
const TIMES = 3;
const WAYS: Record<string, string> = {
	invalidStop: 'an invalid binary field in every item, the node stops',
	invalidContinue: 'an invalid binary field in every item, the node continues',
	start: 'one run started and remembered per item',
};

/** Whether the cost per item stays the same when there are many. */
export async function manyItems(): Promise<void> {
	const rows: string[][] = [];
	for (const size of SIZES) {
		const outcomes = await byTurns('manyItems', Object.keys(WAYS), [String(size)], TIMES);
		for (const [way, label] of Object.entries(WAYS)) {
			const perItem = figures(outcomes[way], 'seconds').map((seconds) => (seconds / size) * 1000);
			const memory = figures(outcomes[way], 'extraMiB');
			rows.push([label, String(size), withSpread(perItem), withSpread(memory, 0)]);
		}
	}
	publish(
		'manyItems',
		'Many items in n8n’s engine. Nothing is sent for an invalid binary field; runs are started on a server that does nothing, in the same process. Median (lowest–highest).',
		['what', 'items', 'ms per item', 'extra MiB'],
		rows,
	);
}
