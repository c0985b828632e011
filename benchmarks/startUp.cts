import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { publish } from './report.cts';
import { withSpread } from './statistics.cts';

const project = join(__dirname, '..');
const TIMES = 15;

/** Loads n8n-workflow, which n8n always has loaded, then the package, and prints how long each took. */
const SCRIPT = `
	const began = performance.now();
	require('n8n-workflow');
	const between = performance.now();
	require('./dist/nodes/Dibby/Dibby.node.js');
	require('./dist/credentials/DibbyApi.credentials.js');
	console.log(JSON.stringify({ workflow: between - began, own: performance.now() - between }));
`;

/** Milliseconds that a fresh process takes. */
function load(): { workflow: number; own: number } {
	const output = execFileSync(process.execPath, ['-e', SCRIPT], { cwd: project, encoding: 'utf8' });
	return JSON.parse(output) as { workflow: number; own: number };
}

/** Kilobytes of the package as npm would publish it. */
function packed(): string {
	const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
		cwd: project,
		encoding: 'utf8',
	});
	// A list in most versions of npm, an object by name in the newest.
	const parsed = JSON.parse(output.slice(output.search(/^[[{]/m))) as object;
	const [report] = Object.values(parsed) as Array<{
		size: number;
		unpackedSize: number;
		files: unknown[];
	}>;
	if (report === undefined) throw new Error('npm pack reported no package');
	const kilobytes = (bytes: number) => (bytes / 1000).toFixed(0);
	return `${kilobytes(report.size)} packed, ${kilobytes(report.unpackedSize)} unpacked, ${report.files.length} files`;
}

/** What the package costs an n8n that does not use it. */
export function startUp(): void {
	const samples = Array.from({ length: TIMES }, load);
	publish({
		name: 'startUp',
		text: `What the package costs an n8n that does not use it: ${TIMES} fresh processes. Median, lowest and highest.`,
		head: ['what', 'figure'],
		rows: [
			[
				'loading n8n-workflow alone, ms',
				withSpread(
					samples.map(({ workflow }) => workflow),
					0,
				),
			],
			[
				'loading the node and its credential after it, ms',
				withSpread(
					samples.map(({ own }) => own),
					1,
				),
			],
			[
				'package / n8n-workflow',
				withSpread(
					samples.map(({ own, workflow }) => own / workflow),
					3,
				),
			],
			['package, kB', packed()],
		],
		samples,
	});
}
