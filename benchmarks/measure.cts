import { spawn } from 'node:child_process';

import { forgetPeak, peakMiB, residentMiB } from '../test/support/processFigures.cts';

/** What a case came to, measured by the process that ran it. */
export interface Measured {
	/** Wall clock. */
	seconds: number;
	/** Processor time of the measured process, all its threads. */
	cpuSeconds: number;
	/** Peak memory above what the warm, idle process had, in MiB, as the system counts it. */
	extraMiB: number;
}

/** Either figures, or the sentence with which a way of doing it gave up. */
export type Outcome<Figures = Measured> = Figures | { failed: string };

/**
 * Runs work once it is warm, and measures time and peak memory.
 *
 * @param work may return the seconds of the part that counts, else all of it counts
 */
export async function measure(work: () => Promise<number | void>): Promise<Measured> {
	globalThis.gc?.();
	// Loading and warming up are not in it.
	forgetPeak(process.pid);
	const idle = residentMiB(process.pid);
	const cpu = process.cpuUsage();
	const start = performance.now();
	const counted = await work();
	const seconds = counted ?? (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	return { seconds, cpuSeconds: (user + system) / 1e6, extraMiB: peakMiB(process.pid) - idle };
}

/** Runs a case's main function, prints its figures for the process that asked, and ends. */
export function report(main: () => Promise<object>): void {
	// The node's pauses hold no process open; n8n's server is held open by its sockets, a case by this.
	setInterval(() => {}, 60_000);
	main().then(
		(measured) => process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0)),
		(error: Error) => {
			const failed = error.message.split('\n', 1)[0];
			process.stdout.write(`${JSON.stringify({ failed })}\n`, () => process.exit(0));
		},
	);
}

/** Runs a case in a process of its own. A process that dies, for want of memory say, is an outcome too. */
export async function inOwnProcess<Figures = Measured>(
	script: string,
	parameters: string[],
	temporary: string,
): Promise<Outcome<Figures>> {
	const child = spawn(process.execPath, ['--expose-gc', '-r', 'tsx/cjs', script, ...parameters], {
		stdio: ['ignore', 'pipe', 'inherit'],
		// What n8n's engine writes goes where the benchmark cleans up.
		env: { ...process.env, TMPDIR: temporary },
	});
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const end = await new Promise((resolve) =>
		child.once('close', (code, signal) => resolve(signal ?? code)),
	);
	const line = output.trim().split('\n').at(-1) ?? '';
	if (line === '') return { failed: `The process ended with ${String(end)}` };
	return JSON.parse(line) as Outcome<Figures>;
}
