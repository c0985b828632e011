import { fetchRun } from '../api/fetchRun';
import type { SeenRun } from '../api/fetchRun';
import type { Connection } from '../api/request';
import { statusOf, stepsOf } from '../api/runErrors';
import { clock } from '../clock';
import { hasEnded } from '../types';
import type { Completion, DibbyRun } from '../types';

/** With Sleep, the node polls this long before it sleeps: most runs have ended by then. */
const AWAKE_MS = 60_000;

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** From the second poll on. The end of a run is noticed half an interval late on average. */
const NEXT_PAUSE_MS = 2_000;

/** The longer the wait, the longer the pause: the end is noticed a twentieth of the time late on average. */
const PAUSE_SHARE = 0.1;

/** Up to this share of a pause is taken off at random, so that many items don't poll in step. */
const JITTER_SHARE = 0.2;

/**
 * How long to pause before the next poll.
 *
 * @param elapsed the time since the wait began, in milliseconds
 * @param remaining the time until the limit, in milliseconds; the last poll happens at the limit
 * @param fixed the user's own interval, in milliseconds; 0 for automatic
 * @returns milliseconds
 */
export function pauseBeforePoll(elapsed: number, remaining: number, fixed = 0): number {
	const growing = Math.max(Math.min(NEXT_PAUSE_MS, elapsed), elapsed * PAUSE_SHARE);
	const automatic = Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, growing));
	const pause = fixed > 0 ? fixed : automatic * (1 - JITTER_SHARE * clock.random());
	return Math.min(pause, Math.max(remaining, 0));
}

/**
 * Gets a run by its ID. With Sleep, a run that can't be reached now is left to the next poll.
 *
 * @param isKnown whether the run is known to exist, because this node started it
 * @returns undefined if the node was stopped
 * @throws DibbyError with the run's ID
 */
export async function findRun(
	connection: Connection,
	runId: string,
	completion: Completion,
	isKnown: boolean,
): Promise<SeenRun | undefined> {
	const latest = completion.sleeps ? { id: runId } : undefined;
	return await fetchRun(connection, runId, { timeLimitMs: awakeMs(completion), latest, isKnown });
}

/**
 * Polls until a run has ended, its time limit has passed, it is time to sleep, or the node was stopped.
 *
 * @returns the run as it was last seen; undefined if the node was stopped
 * @throws DibbyError with the run's ID if Dibby refuses to return it
 */
export async function poll(
	connection: Connection,
	seen: SeenRun,
	completion: Completion,
): Promise<SeenRun | undefined> {
	const timeLimitMs = awakeMs(completion);
	const { since } = seen;
	let latest = seen;
	while (!hasEnded(latest.run)) {
		const elapsed = clock.now() - since;
		if (elapsed >= timeLimitMs) return latest;
		const pause = pauseBeforePoll(elapsed, timeLimitMs - elapsed, completion.pollIntervalMs);
		await clock.sleep(pause, connection.stopped);
		const { run } = latest;
		const next = await fetchRun(connection, run.id, { timeLimitMs, since, latest: run });
		if (next === undefined) return undefined;
		reportProgress(connection, next.run, run);
		latest = next;
	}
	return latest;
}

function awakeMs({ sleeps, timeLimitMs }: Completion): number {
	return sleeps ? Math.min(timeLimitMs, AWAKE_MS) : timeLimitMs;
}

/**
 * Reports a change in a run's progress in n8n's log and, during a manual execution, in the browser's console.
 * n8n lets a node show nothing else before it has ended.
 */
function reportProgress(
	{ context, credential }: Connection,
	seen: DibbyRun,
	before: DibbyRun,
): void {
	const { redact } = credential;
	const progressOf = (run: DibbyRun) => {
		const steps = stepsOf(run);
		return `${statusOf(run, redact)}${steps && `, ${steps}`}`;
	};
	const progress = progressOf(seen);
	if (progress === progressOf(before)) return;
	context.logger.debug(`Dibby run ${redact.id(seen.id)}: ${progress}`);
	context.sendMessageToUI?.(`Dibby run ${redact.id(seen.id)}: ${progress}`);
}
