import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { median, spread } from './measure.cts';
import { publish } from './report.cts';

const project = join(__dirname, '..');
const TIMES = 15;

/** Milliseconds that a fresh process takes to load a module once n8n-workflow is there, as it always is in n8n. */
function load(script: string): number {
	const code = `require('n8n-workflow'); const t = performance.now(); ${script}; console.log(performance.now() - t)`;
	return Number(execFileSync(process.execPath, ['-e', code], { cwd: project, encoding: 'utf8' }));
}

/** What the package costs an n8n that does not use it. */
export function startUp(): void {
	const node = Array.from({ length: TIMES }, () =>
		load("require('./dist/nodes/Dibby/Dibby.node.js')"),
	);
	const credential = Array.from({ length: TIMES }, () =>
		load("require('./dist/credentials/DibbyApi.credentials.js')"),
	);
	const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
		cwd: project,
		encoding: 'utf8',
	});
	const parsed = JSON.parse(packed.slice(packed.search(/^[[{]/m))) as Record<
		string,
		{ size: number; unpackedSize: number; files: unknown[] }
	>;
	const [report] = Object.values(parsed);
	publish({
		name: 'startUp',
		text: 'What the package costs an n8n that does not use it.',
		head: ['what', 'figure'],
		rows: [
			['loading the node, ms', `${median(node).toFixed(1)} (${spread(node, 1)})`],
			['loading the credential, ms', `${median(credential).toFixed(1)} (${spread(credential, 1)})`],
			[
				'package, kB',
				`${((report?.size ?? 0) / 1000).toFixed(0)} packed, ${((report?.unpackedSize ?? 0) / 1000).toFixed(0)} unpacked, ${report?.files.length} files`,
			],
		],
	});
}
