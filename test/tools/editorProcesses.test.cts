import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { launchNode } from '../../sandbox/editor/processes.cts';
import { until } from '../support/patience.cts';

const editor = path.join(__dirname, '..', '..', 'sandbox', 'editor');
const FOREVER = 'setInterval(() => {}, 1000);';

/** Resolves when a process is gone. */
function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
const gone = async (pid: number) => await until(() => !isAlive(pid));

/** Launches a script given as text, and resolves with its first line, a number. */
async function launchScript(script: string) {
	let first: (line: string) => void = () => undefined;
	const line = new Promise<string>((resolve) => (first = resolve));
	const runner = path.join(__dirname, '..', 'support', 'evalArgument.js');
	const launched = launchNode(process.execPath, runner, [script], {
		cwd: os.tmpdir(),
		onLine: first,
	});
	return { launched, number: Number(await line) };
}

test('the output and the exit code of what ends by itself are there', async () => {
	const { launched, number } = await launchScript(
		'console.log(41); console.error("e"); process.exitCode = 3;',
	);
	expect(await launched.ended).toEqual({ code: 3, stopped: false });
	expect(number).toBe(41);
	expect(launched.lines().sort()).toEqual(['41', 'e']);
	expect(launched.hasEnded()).toBe(true);
});

test('stopping ends the children too, even one that does not listen', async () => {
	const deaf = `process.on('SIGTERM', () => {}); console.log(process.pid); ${FOREVER}`;
	const { launched, number: child } = await launchScript(
		`require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' }); ${FOREVER}`,
	);
	expect(isAlive(child)).toBe(true);
	await launched.stop();
	expect(await launched.ended).toEqual({ code: undefined, stopped: true });
	await gone(child);
});

test('a program that does not listen is ended after the grace', async () => {
	const { launched } = await launchScript(
		`process.on('SIGTERM', () => {}); console.log(1); ${FOREVER}`,
	);
	await launched.stop(50);
	expect(launched.hasEnded()).toBe(true);
});

test('what cannot be started ends, with the reason as a line', async () => {
	const missing = launchNode(path.join(os.tmpdir(), 'no-such-node'), 'x.js', [], {
		cwd: os.tmpdir(),
	});
	expect((await missing.ended).code).toBeUndefined();
	expect(missing.lines().join('\n')).toContain('ENOENT');
});

test('the loss of the starting process ends the started one', async () => {
	const child = spawn(
		process.execPath,
		[
			'--require',
			path.join(editor, 'endWithParent.js'),
			'-e',
			`console.log(process.env.END_WITH_PARENT_FD); ${FOREVER}`,
		],
		{
			stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
			detached: true,
			env: { ...process.env, END_WITH_PARENT_FD: '3' },
		},
	);
	const [said] = await new Promise<Buffer[]>((resolve) =>
		child.stdout?.once('data', (data: Buffer) => resolve([data])),
	);
	// Its own children are not to take another pipe for this one.
	expect(String(said).trim()).toBe('undefined');
	child.stdio[3]?.destroy();
	const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
	expect(signal).toBe('SIGTERM');
});
