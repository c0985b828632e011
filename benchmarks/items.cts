import { join } from 'node:path';

import { inOwnProcess, median, spread } from './measure.cts';
import type { Measured } from './measure.cts';
import { publish } from './report.cts';
import { startSandboxProcess } from './sandboxProcess.cts';

const CASE = join(__dirname, 'items.case.cts');
const ITEMS = 1_000;
const TIMES = 5;

/** Many small items, against what n8n's HTTP Request node does. */
export async function items(): Promise<void> {
	const sandbox = await startSandboxProcess();
	const ways = {
		peer: 'HTTP Request’s way, 50 at once',
		node: 'node, 4 at once (default)',
		node50: 'node, 50 at once',
	};
	const seconds: Record<string, number[]> = { peer: [], node: [], node50: [] };
	for (let time = 0; time < TIMES; time++) {
		for (const way of Object.keys(ways)) {
			const result = await inOwnProcess<Measured>(CASE, [
				way,
				String(ITEMS),
				sandbox.url,
				sandbox.token,
			]);
			seconds[way]?.push(result.seconds);
		}
	}
	sandbox.stop();
	const peer = seconds.peer ?? [];
	const rows = Object.entries(ways).map(([way, name]) => {
		const values = seconds[way] ?? [];
		const ratios = values.map((value, index) => (peer[index] ?? NaN) / value);
		return [
			name,
			(ITEMS / median(values)).toFixed(0),
			`${median(ratios).toFixed(2)} (${spread(ratios)})`,
			((median(values) / ITEMS) * 1000).toFixed(2),
		];
	});
	publish({
		name: 'items',
		text: `${ITEMS} items without documents, each a run, in n8n’s engine.`,
		head: ['way', 'requests a second', 'speed / HTTP Request', 'ms an item'],
		rows,
	});
}

/** Many items with a document each. */
export async function files(): Promise<void> {
	const sandbox = await startSandboxProcess();
	const results: Measured[] = [];
	for (let time = 0; time < 3; time++) {
		results.push(await inOwnProcess<Measured>(CASE, ['files', '200', sandbox.url, sandbox.token]));
	}
	sandbox.stop();
	const seconds = results.map((result) => result.seconds);
	const memory = results.map((result) => result.extraMiB);
	publish({
		name: 'files',
		text: '200 items with a document of 5 MiB each, four requests at once. Reading the files into n8n’s storage is not counted.',
		head: ['seconds', 'MiB a second', 'extra MiB'],
		rows: [
			[
				`${median(seconds).toFixed(1)} (${spread(seconds, 1)})`,
				(1000 / median(seconds)).toFixed(0),
				`${median(memory).toFixed(0)} (${spread(memory, 0)})`,
			],
		],
	});
}
