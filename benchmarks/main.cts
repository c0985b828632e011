import { documents } from './documents.cts';
import { files, items } from './items.cts';
import { startUp } from './startUp.cts';
import { waiting } from './waiting.cts';

const QUESTIONS: Record<string, () => void | Promise<void>> = {
	startUp,
	waiting,
	items,
	files,
	documents,
};

/** `npm run bench`, or `npm run bench -- documents items` for some of the questions. */
async function main(): Promise<void> {
	const asked = process.argv.slice(2);
	for (const [name, question] of Object.entries(QUESTIONS)) {
		if (asked.length === 0 || asked.includes(name)) await question();
	}
}

main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
