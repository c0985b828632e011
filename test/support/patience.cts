import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;

/** For the longest that a busy machine may take for something that takes milliseconds. */
const PATIENCE_MS = 30_000;

/** Waits for something to happen; a test that never sees it fails with a sentence. */
export async function until(condition: () => boolean): Promise<void> {
	const deadline = performance.now() + PATIENCE_MS;
	while (!condition()) {
		if (performance.now() > deadline) throw new Error(`Did not happen: ${condition.toString()}`);
		await sleep(LOOK_AGAIN_MS);
	}
}

/**
 * Waits until a number has stayed the same for so long, such as that of the requests once those under way are over.
 *
 * @returns the number
 */
export async function untilQuiet(count: () => number, quietMs: number): Promise<number> {
	const deadline = performance.now() + PATIENCE_MS;
	for (let last = count(); ; last = count()) {
		await sleep(quietMs);
		if (count() === last) return last;
		if (performance.now() > deadline) throw new Error(`Does not end: ${count.toString()}`);
	}
}
