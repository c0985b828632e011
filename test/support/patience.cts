import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;

/** For the longest that a busy machine may take for something that takes milliseconds. */
const PATIENCE_MS = 30_000;

/** Waits until a condition holds, or something is found; a test that never sees it fails with a sentence. */
export async function until<Found>(
	find: () => Found | undefined | false,
	patienceMs = PATIENCE_MS,
): Promise<Found> {
	for (const deadline = performance.now() + patienceMs; ; await sleep(LOOK_AGAIN_MS)) {
		const found = find();
		if (found !== undefined && found !== false) return found;
		if (performance.now() > deadline) throw new Error(`Did not happen: ${find.toString()}`);
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

/** This process's ends of its connections to a server. */
export function socketsTo(url: string): Socket[] {
	const port = Number(new URL(url).port);
	// Node.js counts open sockets for everybody to see, and shows which they are in this way only.
	const { _getActiveHandles: handles } = process as unknown as {
		_getActiveHandles: () => unknown[];
	};
	return handles().filter(
		(handle): handle is Socket => handle instanceof Socket && handle.remotePort === port,
	);
}
