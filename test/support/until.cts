import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;
const PATIENCE_MS = 120_000;

/**
 * Waits until something is found, or a condition holds.
 *
 * @throws Error after two minutes, which is long on a busy machine too
 */
export async function until<Found>(find: () => Found | undefined | false): Promise<Found> {
	for (const deadline = Date.now() + PATIENCE_MS; ; await pause(LOOK_AGAIN_MS)) {
		const found = find();
		if (found !== undefined && found !== false) return found;
		if (Date.now() > deadline) throw new Error('It did not come to this in time');
	}
}
