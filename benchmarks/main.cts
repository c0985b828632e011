import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { documents } from './documents.cts';
import { items } from './items.cts';
import { manyFiles } from './manyFiles.cts';
import { output } from './output.cts';
import { startUp } from './startUp.cts';
import { waiting } from './waiting.cts';

const QUESTIONS: Record<string, () => void | Promise<void>> = {
	documents,
	items,
	files: manyFiles,
	output,
	waiting,
	startUp,
};

/** `npm run bench`, or `npm run bench -- documents items` for some of the questions. */
async function main(): Promise<void> {
	const asked = process.argv.slice(2);
	const unknown = asked.find((name) => !(name in QUESTIONS));
	if (unknown !== undefined) {
		throw new Error(
			`There is no question "${unknown}". There are: ${Object.keys(QUESTIONS).join(', ')}`,
		);
	}
	for (const [name, question] of Object.entries(QUESTIONS)) {
		if (asked.length === 0 || asked.includes(name)) await question();
	}
}

/** The compiled node is what is measured. */
function build(): void {
	const project = join(__dirname, '..');
	for (const parameters of [['typescript/bin/tsc'], ['gulp/bin/gulp.js', '--silent']]) {
		const [script = '', ...rest] = parameters;
		const file = join(project, 'node_modules', script);
		const { status } = spawnSync(process.execPath, [file, ...rest], {
			cwd: project,
			stdio: 'inherit',
		});
		if (status !== 0) throw new Error('The node could not be built');
	}
}

build();
main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
