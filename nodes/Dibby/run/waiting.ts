import type { DibbyRun } from '../types';
import { clock } from './clock';
import { getRun } from './getRun';
import type { ItemRun } from './item';
import { isOver } from './isRun';
import { progressOf, tellProgress } from './progress';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** From the second question on; a run ends anywhere in a pause, so that its end is noticed a second late on average. */
const NEXT_PAUSE_MS = 2_000;

/** A longer wait makes a longer pause worth it: the end is noticed a twentieth of the time late on average. */
const PAUSE_SHARE = 0.1;

/** Up to this share of a pause is taken off by chance, so that many items don't ask in step. */
const JITTER_SHARE = 0.2;

/**
 * How long to pause before asking for the run again.
 *
 * @param elapsed time since the waiting began, in milliseconds
 * @param remaining time until the limit, in milliseconds; the last question is asked when it is up
 * @param fixed the user's own interval, in milliseconds; 0 for automatic
 * @returns milliseconds
 */
export function pauseBeforePoll(elapsed: number, remaining: number, fixed = 0): number {
	const growing = Math.max(Math.min(NEXT_PAUSE_MS, elapsed), elapsed * PAUSE_SHARE);
	const automatic = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, growing));
	const pause = fixed > 0 ? fixed : automatic * (1 - JITTER_SHARE * clock.random());
	return Math.min(pause, Math.max(remaining, 0));
}

/**
 * Waits until a run is over, the time limit is up, or the item is stopped.
 *
 * @param fixedInterval the user's Poll Interval, in milliseconds; 0 for automatic
 * @returns the run as it was seen last; undefined when the execution was cancelled or another item failed
 * @throws DibbyError with the run's ID when it can't be asked for
 */
export async function waitForRun(
	item: ItemRun,
	run: DibbyRun,
	fixedInterval: number,
): Promise<DibbyRun | undefined> {
	const began = clock.now();
	const deadline = began + item.timeLimit;
	let latest = run;
	while (!isOver(latest)) {
		const now = clock.now();
		if (now >= deadline) return latest;
		await clock.sleep(pauseBeforePoll(now - began, deadline - now, fixedInterval), item.stopped);
		const seen = await getRun(item, run.id, deadline, latest);
		if (seen === undefined) return undefined;
		if (progressOf(seen) !== progressOf(latest)) tellProgress(item.context, seen);
		latest = seen;
	}
	return latest;
}
