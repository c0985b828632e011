import { clock } from '../clock';
import { DibbyError } from '../errors';
import type { DibbyRun } from '../types';
import { notARunError, responseError } from './responseErrors';
import { networkError } from './networkErrors';
import { isSuccess } from './response';
import type { Exchange } from './response';
import { backOff, sendWithRetry } from './retry';
import type { Connection } from './retry';

/** How often the request is made when there is no time limit to end it, or when Dibby does not know the run. */
const MOST_ATTEMPTS = 5;

/** An answer about a run is short until the run is finished; a server that takes longer than this to begin it hangs. */
const POLL_TIMEOUT_MS = 60_000;

/** Refusals that are no word on the run: a gateway gave up, or asks for patience. */
const PASSING: readonly number[] = [408, 425, 429, 499];

/** A path segment of dots would be taken for a way up, however it is encoded. */
const ONLY_DOTS = /^\.+$/;

/**
 * Encodes a run's ID for use in an address, so that it can't reach another one.
 *
 * @throws DibbyError for an ID that can't be encoded safely
 */
function encodeRunId(runId: string): string {
	if (ONLY_DOTS.test(runId) || /\p{Surrogate}/u.test(runId)) {
		throw new DibbyError({
			message: 'The Run ID is not the ID of a Dibby run',
			description: 'Use the ID that Trigger Run gave, for example {{ $json.id }}.',
		});
	}
	return encodeURIComponent(runId);
}

/** Tells a run from other JSON: without an ID, nothing can be done with it. */
export function isRun(json: unknown): json is DibbyRun {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
	const { id } = json as { id?: unknown };
	return typeof id === 'string' && id !== '';
}

/**
 * Gets a run. That is harmless, so it is tried again after whatever can pass: until the item's time limit when there
 * is one, else a few times.
 *
 * @param latest the run as it was seen last, if it was: returned when the limit passes while Dibby can't be reached
 * @returns undefined when the execution was cancelled or another item failed
 * @throws DibbyError with the run's ID
 */
export async function fetchRun(
	connection: Connection,
	runId: string,
	latest?: DibbyRun,
): Promise<DibbyRun | undefined> {
	const { n8n, redact, timeLimit, documents } = connection;
	const path = `/runs/${encodeRunId(runId)}`;
	const errorOf = ({ response, failure }: Exchange) => {
		if (failure !== undefined) return networkError(failure, { runId }, redact);
		if (isSuccess(response)) return notARunError(response, redact, { runId });
		return responseError(response, connection, { runId });
	};
	const timeLeft = () => (timeLimit.began ?? 0) + timeLimit.limitMs - clock.now();
	return await sendWithRetry(
		connection,
		() => {
			timeLimit.began ??= clock.now();
			const timeoutMs = Math.min(POLL_TIMEOUT_MS, Math.max(1_000, timeLeft()));
			return { method: 'GET', path, timeoutMs, documents };
		},
		(result, attempt) => {
			const { response } = result;
			if (response !== undefined && isSuccess(response) && isRun(response.json)) {
				documents?.keep();
				return { run: { ...response.json, id: runId } };
			}
			const delayMs = backOff(attempt, response?.retryAfter);
			const isTimeLeft = delayMs < timeLeft();
			// Right after a start, not all that answers for Dibby may know of the run yet.
			const isStarted = latest !== undefined && attempt < MOST_ATTEMPTS && isTimeLeft;
			const mayAppear = response?.status === 404 && isStarted;
			if (!canPass(result) && !mayAppear) throw new DibbyError(errorOf(result));
			if (!isTimeLeft && latest !== undefined) return { run: latest };
			const mayTryAgain = Number.isFinite(timeLimit.limitMs) || attempt < MOST_ATTEMPTS;
			if (!isTimeLeft || !mayTryAgain) throw new DibbyError(errorOf(result));
			n8n.logger.debug('Dibby: getting a run failed and is tried again', { runId, attempt });
			const isRateLimit = response?.status === 429 || response?.status === 503;
			return { delayMs, scope: isRateLimit ? 'allItems' : 'request' };
		},
	);
}

/** Trouble that time may end; a refused token, an unknown run, or a redirect stay what they are. */
function canPass({ response, failure }: Exchange): boolean {
	if (failure !== undefined) {
		return !['cancelled', 'certificate', 'notAllowed', 'tooLarge'].includes(failure.kind);
	}
	return PASSING.includes(response.status) || response.status >= 500 || isSuccess(response);
}
