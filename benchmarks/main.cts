import { installN8n } from '../sandbox/editor/install.cts';
import { documents } from './documents.cts';
import { items } from './items.cts';
import { itemsShare } from './itemsShare.cts';
import { manyFiles } from './manyFiles.cts';
import { manyItems } from './manyItems.cts';
import { output } from './output.cts';
import { pipeline } from './pipeline.cts';
import { sleeping } from './sleeping.cts';
import { smallItems } from './smallItems.cts';
import { startUp } from './startUp.cts';
import { waiting } from './waiting.cts';

const QUESTIONS: Record<string, () => void | Promise<void>> = {
	documents,
	pipeline,
	smallItems,
	items,
	itemsShare,
	manyItems,
	files: manyFiles,
	output,
	waiting,
	sleeping,
	startUp,
};

/**
 * `npm run bench`, or `npm run bench -- documents items` for some of the questions. With `--quick`, each way
 * is tried once, nothing over 100 MiB, and the figures are only printed.
 */
async function main(): Promise<void> {
	const asked = process.argv.slice(2).filter((one) => one !== '--quick');
	if (process.argv.includes('--quick')) process.env.BENCH_QUICK = 'yes';
	const unknown = asked.find((name) => !(name in QUESTIONS));
	if (unknown !== undefined) {
		throw new Error(
			`There is no question "${unknown}". There are: ${Object.keys(QUESTIONS).join(', ')}`,
		);
	}
	// The peers are n8n's own nodes, and one question needs a whole n8n.
	await installN8n();
	for (const [name, question] of Object.entries(QUESTIONS)) {
		if (asked.length === 0 || asked.includes(name)) await question();
	}
}

main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message, error.cause ?? '');
		process.exit(1);
	},
);
