import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { launchNode } from '../../sandbox/editor/processes.cts';
import { until } from '../support/patience.cts';

const editor = path.join(__dirname, '..', '..', 'sandbox', 'editor');
const FOREVER = 'setInterval(() => {}, 1000);';
const DEAF = `process.on('SIGTERM', () => {}); console.log(process.pid); ${FOREVER}`;

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

test('stopping ends the children too, even one that does not listen', async () => {
	const start = `process.execPath, ['-e', ${JSON.stringify(DEAF)}], { stdio: 'inherit' }`;
	const script = `require('node:child_process').spawn(${start}); ${FOREVER}`;
	const launched = launchNode(process.execPath, '-e', [script], { cwd: os.tmpdir() });
	const child = Number(await until(() => launched.lines()[0]));
	expect(isAlive(child)).toBe(true);
	await launched.stop();
	expect(await launched.ended).toEqual({ code: undefined, stopped: true });
	await until(() => !isAlive(child));
});

test('the loss of the starting process ends the started one', async () => {
	const script = `console.log(process.env.END_WITH_PARENT_FD); ${FOREVER}`;
	const parameters = ['--require', path.join(editor, 'endWithParent.js'), '-e', script];
	const child = spawn(process.execPath, parameters, {
		stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
		detached: true,
		env: { ...process.env, END_WITH_PARENT_FD: '3' },
	});
	const [said] = (await once(child.stdout as Readable, 'data')) as Buffer[];
	// Its own children are not to take another pipe for this one.
	expect(String(said).trim()).toBe('undefined');
	child.stdio[3]?.destroy();
	const [, signal] = (await once(child, 'exit')) as unknown[];
	expect(signal).toBe('SIGTERM');
});
