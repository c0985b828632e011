import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import type { Outcome } from './measure.cts';
import { isQuick, publish } from './report.cts';
import { cell, figures, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const SIZES = [1_000, 10_000, 50_000];
const QUICK_SIZES = [100, 300];
const TIMES = 3;

const WHAT = {
	wrongStop: 'a wrong binary field in every item, the node stops',
	wrongContinue: 'a wrong binary field in every item, the node continues',
	start: 'a run started and remembered for every item',
};

/** Whether many items cost in proportion: items a second, beside those of the smallest size. */
export async function manyItems(): Promise<void> {
	const sizes = isQuick() ? QUICK_SIZES : SIZES;
	const script = join(__dirname, 'manyItems.case.cts');
	const samples = await inTemporaryFolder(async (folder) => {
		const measured: Record<string, Outcome[]> = {};
		for (const size of sizes) {
			const ways = Object.keys(WHAT).map((name) => ({ name, argsBefore: [String(size)] }));
			const outcomes = await byTurns(script, ways, TIMES, folder);
			for (const [name, ofWay] of Object.entries(outcomes)) measured[`${name} ${size}`] = ofWay;
		}
		return measured;
	});
	const rows = Object.entries(WHAT).flatMap(([name, what]) =>
		sizes.map((size) => {
			const outcomes = samples[`${name} ${size}`];
			const rate = figures(outcomes, 'seconds').map((seconds) => size / seconds);
			const smallest = samples[`${name} ${sizes[0]}`];
			// Seconds beside seconds, turned into items a second beside items a second.
			const growth = size / (sizes[0] ?? 1);
			const flat = ratios(smallest, outcomes).map((ratio) => ratio * growth);
			return [
				what,
				String(size),
				rate.length > 0 ? withSpread(rate, 0) : cell(outcomes, 'seconds'),
				withSpread(flat),
				withSpread(figures(outcomes, 'extraMiB'), 0),
			];
		}),
	);
	publish({
		name: 'manyItems',
		text: 'Items a second as items become many, through n8n’s engine. Nothing is sent for a wrong binary field. Runs are started in a server that does nothing, in the same process. The goal is that the speed of each size stays within 20 % of that of the smallest. Median, lowest and highest.',
		head: ['what', 'items', 'items a second', `speed / ${sizes[0]} items`, 'extra MiB'],
		rows,
		samples,
	});
}
