import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { hasCode } from './userError.cts';

const END_WITH_PARENT = path.join(__dirname, 'endWithParent.js');
const DEFAULT_GRACE_MS = 10_000;
const KEPT_LINES = 5000;

export interface LaunchOptions {
	cwd: string;
	/** The whole environment, nothing is added. Default: that of this process. */
	env?: NodeJS.ProcessEnv;
	/** Called with each line of either output stream. */
	onLine?: (line: string) => void;
}

export interface Ending {
	/** The exit code; null: by a signal, or it never started. */
	code: number | null;
	/** Whether `stop` was called before, by this program or on a signal to it. */
	asked: boolean;
}

/** A running program and all that it started. */
export interface Launched {
	pid: number;
	/** The last 5000 lines of both output streams. */
	lines: () => string[];
	/** Resolves, never rejects, when the program has ended. */
	ended: Promise<Ending>;
	hasEnded: () => boolean;
	/** Ends the program and its children: SIGTERM, and SIGKILL after the grace. Resolves when it has ended. */
	stop: (graceMs?: number) => Promise<void>;
}

const running = new Map<Launched, ChildProcess>();
let listening = false;

/**
 * Starts a Node script as the leader of its own process group. It ends with this process: on exit, on
 * SIGINT, SIGTERM and SIGHUP, and through a pipe when this process is killed outright.
 */
export function launchNode(
	node: string,
	script: string,
	args: string[],
	options: LaunchOptions,
): Launched {
	const env = { ...(options.env ?? process.env), END_WITH_PARENT_FD: '3' };
	return launch(node, ['--require', END_WITH_PARENT, script, ...args], { ...options, env });
}

/** Starts any program, as `launchNode` does but for the pipe: a SIGKILL of this process leaves it behind. */
export function launch(command: string, args: string[], options: LaunchOptions): Launched {
	const child = spawn(command, args, {
		cwd: options.cwd,
		env: options.env ?? process.env,
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
		detached: process.platform !== 'win32',
		windowsHide: true,
	});
	const lines: string[] = [];
	const keep = (line: string) => {
		lines.push(line);
		if (lines.length > KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
		options.onLine?.(line);
	};
	for (const stream of [child.stdout, child.stderr]) {
		if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', keep);
	}
	// Nothing is written to it: the far end only waits for it to close.
	child.stdio[3]?.on('error', () => undefined);
	let asked = false;
	const ended = new Promise<number | null>((resolve) => {
		child.once('error', (error) => {
			keep(error.message);
			resolve(null);
		});
		// Children that outlive the program would keep its output open, and "close" away.
		child.once('exit', () => signalTree(child, 'SIGKILL'));
		child.once('close', resolve);
	}).then((code) => {
		running.delete(launched);
		return { code, asked };
	});
	const launched: Launched = {
		pid: child.pid ?? -1,
		lines: () => lines,
		ended,
		hasEnded: () => !running.has(launched),
		stop: async (graceMs = DEFAULT_GRACE_MS) => {
			if (!running.has(launched)) return;
			asked = true;
			signalTree(child, 'SIGTERM');
			const hard = setTimeout(() => signalTree(child, 'SIGKILL'), graceMs);
			await ended;
			clearTimeout(hard);
		},
	};
	if (child.pid !== undefined) running.set(launched, child);
	listenOnce();
	return launched;
}

/** The environment of this process, without some of its variables. */
export function envWithout(names: RegExp): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));
}

/** Ends everything that was launched here. */
export async function stopAll(): Promise<void> {
	await Promise.all([...running.keys()].map(async (launched) => await launched.stop()));
}

function signalTree(child: ChildProcess, signal: NodeJS.Signals) {
	if (child.pid === undefined) return;
	if (process.platform === 'win32') {
		spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
		return;
	}
	try {
		process.kill(-child.pid, signal);
	} catch (error) {
		// ESRCH: the group is gone already, which is what was wanted.
		if (!hasCode(error, 'ESRCH')) throw error;
	}
}

function listenOnce() {
	if (listening) return;
	listening = true;
	process.once('exit', () => {
		for (const child of running.values()) signalTree(child, 'SIGKILL');
	});
	let stopping = false;
	for (const [signal, code] of [
		['SIGINT', 130],
		['SIGTERM', 143],
		['SIGHUP', 129],
	] as const) {
		process.on(signal, () => {
			// npm passes a Ctrl-C on to a script that the terminal has sent it to already.
			if (stopping) return;
			stopping = true;
			void stopAll().finally(() => process.exit(code));
		});
	}
}
