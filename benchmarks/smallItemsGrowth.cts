import { join } from 'node:path';

import { packProject } from '../sandbox/editor/pack.cts';
import { isQuick, publish } from './report.cts';
import { startSandboxProcess } from './sandboxProcess.cts';
import { WAYS, withN8n } from './smallItemsInN8n.cts';
import { withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const SIZES = [1_000, 10_000, 50_000];
const QUICK_SIZES = [100, 300];
const TIMES = 2;
const GROWING = ['fromItem', 'node'];

/** Whether many items cost in proportion in a real n8n: the milliseconds an item, beside those of the smallest number. */
export async function smallItemsGrowth(): Promise<void> {
	const sizes = isQuick() ? QUICK_SIZES : SIZES;
	const samples: Record<string, number[][]> = Object.fromEntries(
		GROWING.map((way) => [way, sizes.map(() => [])]),
	);
	await inTemporaryFolder(async (folder) => {
		const { tarball } = await packProject();
		const sandbox = await startSandboxProcess();
		try {
			await withN8n(join(folder, 'n8n'), tarball, sandbox, {}, async (execute) => {
				for (const way of GROWING) {
					// The first only warms up.
					await execute(way, sizes[0] ?? 0);
					for (let time = 0; time < (isQuick() ? 1 : TIMES); time++) {
						for (const [place, size] of sizes.entries()) {
							samples[way]?.[place]?.push((await execute(way, size)) / size);
						}
					}
				}
			});
		} finally {
			sandbox.stop();
		}
	});
	publish({
		name: 'smallItemsGrowth',
		text: 'The same for more items in one execution, one POST each. Median, lowest and highest.',
		head: ['way', 'items', 'ms an item', `cost / ${sizes[0]} items`],
		rows: GROWING.flatMap((way) =>
			sizes.map((size, place) => {
				const [smallest = [], mine = []] = [samples[way]?.[0], samples[way]?.[place]];
				const growth = mine.map((cost, time) => cost / (smallest[time] ?? NaN));
				return [WAYS[way]?.name ?? way, String(size), withSpread(mine), withSpread(growth)];
			}),
		),
		samples,
	});
}
