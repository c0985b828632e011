import { join } from 'node:path';

import { packProject } from '../sandbox/editor/pack.cts';
import { isQuick, publish } from './report.cts';
import { startSandboxProcess } from './sandboxProcess.cts';
import { LOGS_QUERIES, WAYS, withN8n } from './smallItemsInN8n.cts';
import { withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const ITEMS = 1_000;
const TIMES = 5;

interface Samples {
	milliseconds: number[];
	queries: number;
}

/** Many small items in a real n8n, where credentials are in a database and expressions in an isolate. */
export async function smallItems(): Promise<void> {
	const samples: Record<string, Samples> = Object.fromEntries(
		Object.keys(WAYS).map((way) => [way, { milliseconds: [], queries: 0 }]),
	);
	await inTemporaryFolder(async (folder) => {
		const { tarball } = await packProject();
		const sandbox = await startSandboxProcess();
		const times = isQuick() ? 1 : TIMES;
		try {
			await withN8n(join(folder, 'timed'), tarball, sandbox, {}, async (execute) => {
				for (let time = -1; time < times; time++) {
					const order = time % 2 === 0 ? Object.keys(WAYS) : Object.keys(WAYS).reverse();
					for (const way of order) {
						const milliseconds = await execute(way, ITEMS);
						// The first of each only warms up.
						if (time >= 0) samples[way]?.milliseconds.push(milliseconds);
					}
				}
			});
			await withN8n(
				join(folder, 'counted'),
				tarball,
				sandbox,
				LOGS_QUERIES,
				async (execute, count) => {
					for (const [way, sample] of Object.entries(samples)) {
						const before = count();
						await execute(way, ITEMS);
						sample.queries = count() - before;
					}
				},
			);
		} finally {
			sandbox.stop();
		}
	});
	const http = samples.httpRequest?.milliseconds ?? [];
	publish({
		name: 'smallItems',
		text: `${ITEMS} items without documents, each a run, in a real n8n 2.40 with SQLite, by turns; one POST an item, but for the last row. HTTP Request sends all at once, its default; the node 4 at once, its default. Queries: how often n8n's database was asked for a credential in one execution. Median, lowest and highest.`,
		head: ['way', 'ms an item', 'speed / HTTP Request', 'credential queries'],
		rows: Object.entries(samples).map(([way, { milliseconds, queries }]) => [
			WAYS[way]?.name ?? way,
			withSpread(milliseconds.map((sum) => sum / ITEMS)),
			withSpread(milliseconds.map((sum, time) => (http[time] ?? NaN) / sum)),
			String(queries),
		]),
		samples,
	});
}
