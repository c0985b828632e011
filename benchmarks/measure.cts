import execa from 'execa';

import { forgetPeak, peakMiB, residentMiB } from '../test/support/processFigures.cts';

/** What a case measured in its own process. */
export interface Measured {
	/** Wall-clock time. */
	seconds: number;
	/** Processor time of all threads. */
	cpuSeconds: number;
	/** Peak memory beyond what the warm, idle process had. */
	extraMiB: number;
}

/** Figures, or why there are none. */
export type Outcome = Measured | { failed: string };

/**
 * Runs work and measures its time and peak memory.
 *
 * @param work can return the seconds that count; otherwise all of its time counts
 */
export async function measure(work: () => Promise<number | void>): Promise<Measured> {
	globalThis.gc?.();
	forgetPeak(process.pid);
	const idle = residentMiB(process.pid);
	const cpu = process.cpuUsage();
	const start = performance.now();
	const counted = await work();
	const seconds = counted ?? (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	return { seconds, cpuSeconds: (user + system) / 1e6, extraMiB: peakMiB(process.pid) - idle };
}

/** Runs a case's main function and prints its outcome for `runCase`. */
export function report(main: () => Promise<Measured>): void {
	// The node's pauses don't keep a process running.
	setInterval(() => {}, 60_000);
	const print = (outcome: Outcome) =>
		process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
	main().then(print, (error: Error) => print({ failed: error.message.split('\n', 1)[0] ?? '' }));
}

/**
 * Runs a case in its own process. A process that dies, for example because it runs out of memory, is an outcome too.
 *
 * @param temporary a folder for the files that n8n's engine writes
 */
export async function runCase(script: string, args: string[], temporary: string): Promise<Outcome> {
	const parameters = ['--expose-gc', '-r', 'tsx/cjs', script, ...args];
	const { stdout, signal, exitCode } = await execa(process.execPath, parameters, {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { TMPDIR: temporary },
		reject: false,
	});
	const line = stdout.split('\n').at(-1) ?? '';
	if (line === '') return { failed: `The process ended with ${signal ?? exitCode}` };
	return JSON.parse(line) as Outcome;
}
