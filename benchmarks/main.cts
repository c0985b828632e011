import { installN8n } from '../sandbox/editor/install.cts';
import { documents } from './documents.cts';
import { items } from './items.cts';
import { manyFiles } from './manyFiles.cts';
import { manyItems } from './manyItems.cts';
import { output } from './output.cts';
import { pipeline } from './pipeline.cts';
import { sleepDelay } from './sleepDelay.cts';
import { sleeping } from './sleeping.cts';
import { smallItems } from './smallItems.cts';
import { smallItemsGrowth } from './smallItemsGrowth.cts';

const BENCHMARKS: Record<string, () => Promise<void>> = {
	documents,
	pipeline,
	smallItems,
	smallItemsGrowth,
	items,
	manyItems,
	files: manyFiles,
	output,
	sleeping,
	sleepDelay,
};

/**
 * `npm run bench`, or `npm run bench -- documents items` for some of them. With `--quick`, each way
 * is tried once, nothing over 100 MiB, and the figures are only printed.
 */
async function main(): Promise<void> {
	const asked = process.argv.slice(2).filter((one) => one !== '--quick');
	if (process.argv.includes('--quick')) process.env.BENCH_QUICK = 'yes';
	const unknown = asked.find((name) => !(name in BENCHMARKS));
	if (unknown !== undefined) {
		const known = Object.keys(BENCHMARKS).join(', ');
		throw new Error(`There is no benchmark "${unknown}". There are: ${known}`);
	}
	// The peers are n8n's own nodes, and some benchmarks need a whole n8n.
	await installN8n();
	for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
		if (asked.length === 0 || asked.includes(name)) await benchmark();
	}
}

main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message, error.cause ?? '');
		process.exit(1);
	},
);
