import { readFileSync, writeFileSync } from 'node:fs';

// All of this works on Linux only.

/** Linux counts in hundredths of a second. */
const TICKS_A_SECOND = 100;

/** The most memory that a process had since the peak was forgotten, in MiB. */
export const peakMiB = (pid: number) => statusMiB(pid, 'VmHWM');

/** The memory that a process has now, in MiB. */
export const residentMiB = (pid: number) => statusMiB(pid, 'VmRSS');

/** Begins to look for a process's peak of memory anew. */
export const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** The processor time that a process has taken so far, in seconds. */
export function processorSeconds(pid: number): number {
	// The name, in brackets, may hold spaces.
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function statusMiB(pid: number, name: string): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
}
