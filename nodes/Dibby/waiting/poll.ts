import { statusOf, stepsOf } from '../api/runErrors';
import { fetchRun } from '../api/fetchRun';
import type { Connection } from '../api/retry';
import { clock } from '../clock';
import { isOver } from '../types';
import type { Completion, DibbyRun } from '../types';

/** A node that is going to sleep polls this long before: most runs are over then, and nothing sleeps. */
const AWAKE_MS = 60_000;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** From the second poll on: completion is detected half an interval late on average, which is a second then. */
const NEXT_PAUSE_MS = 2_000;

/** A longer wait makes a longer pause worth it: completion is detected a twentieth of the time late on average. */
const PAUSE_SHARE = 0.1;

/** Up to this share of a pause is taken off by chance, so that many items don't poll in step. */
const JITTER_SHARE = 0.2;

/**
 * How long to pause before the next poll.
 *
 * @param elapsed time since the waiting began, in milliseconds
 * @param remaining time until the limit, in milliseconds; the last poll is made when it is up
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
 * Gets a run of which the ID is known. With Sleep, one that Dibby can't be asked for now is asked for later.
 *
 * @returns undefined when the execution was cancelled or another item failed
 * @throws DibbyError with the run's ID
 */
export async function findRun(
	connection: Connection,
	runId: string,
	completion: Completion,
): Promise<DibbyRun | undefined> {
	const latest = completion.sleeps ? { id: runId } : undefined;
	return await fetchRun(whileAwake(connection, completion), runId, latest);
}

/**
 * Polls until a run is over, the item's time limit is up, it is time to sleep, or the item is stopped.
 *
 * @returns the run as it was seen last; undefined when the execution was cancelled or another item failed
 * @throws DibbyError with the run's ID when it can't be asked for
 */
export async function poll(
	given: Connection,
	run: DibbyRun,
	completion: Completion,
): Promise<DibbyRun | undefined> {
	const connection = whileAwake(given, completion);
	const { timeLimit, stopped } = connection;
	const began = timeLimit.began ?? clock.now();
	const deadline = began + timeLimit.limitMs;
	let latest = run;
	while (!isOver(latest)) {
		const now = clock.now();
		if (now >= deadline) return latest;
		await clock.sleep(
			pauseBeforePoll(now - began, deadline - now, completion.pollIntervalMs),
			stopped,
		);
		const seen = await fetchRun(connection, run.id, latest);
		if (seen === undefined) return undefined;
		tellProgress(connection, seen, latest);
		latest = seen;
	}
	return latest;
}

/** With Sleep, even a Dibby that is out of reach keeps nobody awake: what is only in memory can be lost. */
function whileAwake(connection: Connection, { sleeps }: Completion): Connection {
	if (!sleeps) return connection;
	const { timeLimit } = connection;
	const limitMs = Math.min(timeLimit.limitMs, AWAKE_MS);
	return { ...connection, timeLimit: { ...timeLimit, limitMs } };
}

/**
 * Says how far a run is when that has changed: in n8n's log, and in the browser's console while somebody runs the
 * workflow in the editor. That is all that n8n lets a declarative node show before it has ended.
 */
function tellProgress({ n8n, redact }: Connection, seen: DibbyRun, before: DibbyRun): void {
	const progressOf = (run: DibbyRun) => {
		const steps = stepsOf(run);
		return `${statusOf(run, redact)}${steps && `, ${steps}`}`;
	};
	const progress = progressOf(seen);
	if (progress === progressOf(before)) return;
	n8n.logger.debug('Dibby: waiting for a run', { runId: seen.id, progress });
	n8n.sendMessageToUI?.(`Dibby run ${redact.id(seen.id)}: ${progress}`);
}
