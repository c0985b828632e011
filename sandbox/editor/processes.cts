import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import execa, { type ExecaError } from 'execa';
import { hasCode } from './userError.cts';

const GRACE_MS = 10_000;
const MAX_LINES = 5000;

export interface LaunchOptions {
	cwd: string;
	/** The whole environment. Default: that of this process. */
	env?: NodeJS.ProcessEnv;
	/** Called with each line of stdout and stderr. */
	onLine?: (line: string) => void;
}

export interface Ending {
	/** Undefined when a signal ended the program, or when it didn't start. */
	code: number | undefined;
	/** Whether `stop` was called. */
	stopped: boolean;
}

/** A running program with everything that it started. */
export interface Launched {
	pid: number;
	/** The last lines of stdout and stderr. */
	lines: () => string[];
	/** Resolves, and never rejects, when the program has ended. */
	ended: Promise<Ending>;
	hasEnded: () => boolean;
	/** Sends SIGTERM, and SIGKILL after the grace period. */
	stop: () => Promise<void>;
}

/** The launched programs that still run, each with a function that sends a signal to its process group. */
const running = new Map<Launched, (signal: NodeJS.Signals) => void>();

/** Starts a Node.js script like `launch`; it also ends when this process is killed with SIGKILL. */
export function launchNode(node: string, script: string, args: string[], options: LaunchOptions) {
	const env = { ...(options.env ?? process.env), END_WITH_PARENT_FD: '3' };
	const endWithParent = path.join(__dirname, 'endWithParent.js');
	return launch(node, ['--require', endWithParent, script, ...args], { ...options, env });
}

/**
 * Starts a program that ends with this process. It leads a process group, because execa and its signals only reach
 * the program itself, not the programs that it started.
 */
export function launch(command: string, args: string[], options: LaunchOptions): Launched {
	const { cwd, env = process.env, onLine } = options;
	const child = execa(command, args, {
		cwd,
		env,
		extendEnv: false,
		all: true,
		buffer: false,
		reject: false,
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
		detached: process.platform !== 'win32',
	});
	const lines: string[] = [];
	const keep = (line: string) => {
		lines.push(line);
		if (lines.length > MAX_LINES) lines.shift();
		onLine?.(line);
	};
	const output = child.all && createInterface({ input: child.all }).on('line', keep);
	const outputEnded = output && once(output, 'close');
	const signal = (name: NodeJS.Signals) => {
		if (child.pid === undefined || process.platform === 'win32') return void child.kill(name);
		try {
			process.kill(-child.pid, name);
		} catch (error) {
			// The whole group has already ended.
			if (!hasCode(error, 'ESRCH')) throw error;
		}
	};
	let stopped = false;
	const ended = child.then(async (result) => {
		// Programs that outlive their parent would keep the output open.
		signal('SIGKILL');
		if (child.pid === undefined) keep((result as ExecaError).shortMessage);
		else await outputEnded;
		running.delete(launched);
		return { code: result.exitCode, stopped };
	});
	const launched: Launched = {
		pid: child.pid ?? -1,
		lines: () => lines,
		ended,
		hasEnded: () => !running.has(launched),
		stop: async () => {
			if (!running.has(launched)) return;
			stopped = true;
			signal('SIGTERM');
			const timer = setTimeout(() => signal('SIGKILL'), GRACE_MS);
			await ended;
			clearTimeout(timer);
		},
	};
	running.set(launched, signal);
	return launched;
}

/** The environment of this process without some of its variables. */
export function envWithout(names: RegExp): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));
}

/** Stops everything that was launched. */
export async function stopAll(): Promise<void> {
	await Promise.all([...running.keys()].map(async (launched) => await launched.stop()));
}

process.once('exit', () => {
	for (const signal of running.values()) signal('SIGKILL');
});
// npm sends a Ctrl-C again to a script that got it from the terminal.
let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => void (stopping ??= stopAll().finally(() => process.exit(1))));
}
