import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import { publish } from './report.cts';
import { cell, figures, median, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const ITEMS = 1_000;
const TIMES = 5;

/** Many small items, against n8n's HTTP Request node doing the same. */
export async function items(): Promise<void> {
	const names: Record<string, string> = {
		floor: 'bare requests, 4 at once (floor)',
		httpRequest: 'HTTP Request, all at once (its default)',
		node: 'node, 4 at once (default)',
		node50: 'node, 50 at once',
	};
	const ways = Object.keys(names).map((name) => ({ name, argsBefore: [String(ITEMS)] }));
	const script = join(__dirname, 'items.case.cts');
	const samples = await inTemporaryFolder(
		async (folder) => await byTurns(script, ways, TIMES, folder),
	);
	const rows = Object.entries(names).map(([way, name]) => {
		const outcomes = samples[way];
		const rate = figures(outcomes, 'seconds').map((seconds) => ITEMS / seconds);
		const cpu = figures(outcomes, 'cpuSeconds').map((seconds) => (seconds / ITEMS) * 1000);
		return [
			name,
			rate.length > 0 ? withSpread(rate, 0) : cell(outcomes, 'seconds'),
			withSpread(ratios(samples.httpRequest, outcomes)),
			((median(figures(outcomes, 'seconds')) / ITEMS) * 1000).toFixed(2),
			withSpread(cpu),
		];
	});
	publish({
		name: 'items',
		text: `${ITEMS} items without documents, each a run, through n8n’s engine. HTTP Request is n8n’s own node (n8n-nodes-base), with a bearer token and an expression in the JSON body. Median, lowest and highest.`,
		head: [
			'way',
			'items a second',
			'speed / HTTP Request',
			'ms an item',
			'processor time, ms an item',
		],
		rows,
		samples,
	});
}
