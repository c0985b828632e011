import { installN8n } from '../sandbox/editor/install.cts';
import { documents } from './documents.cts';
import { growth } from './growth.cts';
import { manyItems } from './manyItems.cts';
import { output } from './output.cts';
import { sleepDelay, sleeping } from './sleeping.cts';
import { smallItems, smallItemsGrowth } from './smallItems.cts';

const IN_ENGINE = { documents, manyItems, growth, output };
const BENCHMARKS = { ...IN_ENGINE, smallItems, smallItemsGrowth, sleeping, sleepDelay };

/** `npm run bench [-- name …] [-- --quick]`: measures, prints, and renews docs/performance.md. */
async function main(names: string[]): Promise<void> {
	const known = Object.keys(BENCHMARKS);
	const unknown = names.find((name) => !known.includes(name));
	if (unknown !== undefined) {
		throw new Error(`There is no benchmark "${unknown}". Use one of: ${known.join(', ')}`);
	}
	await installN8n();
	for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
		if (names.length === 0 || names.includes(name)) await benchmark();
	}
}

main(process.argv.slice(2).filter((name) => name !== '--quick')).then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message, error.cause ?? '');
		process.exit(1);
	},
);
