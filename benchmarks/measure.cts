import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** What a case came to, measured by the process that ran it. */
export interface Measured {
	seconds: number;
	/** Peak memory above what the warm process had, in MiB, as the system counts it. */
	extraMiB: number;
}

/** The peak of this process's memory since the last reset, in MiB. Linux only. */
function peakMiB(): number {
	const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
	return Number(kib) / 1024;
}

/** Runs work once it is warm, and measures time and peak memory. */
export async function measure(work: () => Promise<void>): Promise<Measured> {
	globalThis.gc?.();
	// 5 makes Linux forget the peak.
	writeFileSync('/proc/self/clear_refs', '5');
	const before = peakMiB();
	const start = performance.now();
	await work();
	return { seconds: (performance.now() - start) / 1000, extraMiB: peakMiB() - before };
}

/** Runs a script in a process of its own, which prints one line of JSON at the end. */
export async function inOwnProcess<Result>(script: string, parameters: string[]): Promise<Result> {
	const child = spawn(process.execPath, ['--expose-gc', '-r', 'tsx/cjs', script, ...parameters], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const code = await new Promise((resolve) => child.once('close', resolve));
	if (code !== 0) throw new Error(`${script} ${parameters.join(' ')} ended with ${String(code)}`);
	return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Result;
}

export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
	return (low + high) / 2;
}

/** Lowest and highest, for the spread. */
export function spread(values: number[], digits = 2): string {
	return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}
