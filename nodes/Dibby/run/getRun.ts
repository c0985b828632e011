import { itemError } from '../errors';
import type { DibbyRun } from '../types';
import { answerProblem, notARunProblem } from '../problems/answer';
import { failureProblem } from '../problems/noAnswer';
import { backOff } from './backOff';
import { clock } from './clock';
import type { Exchange } from './exchange';
import { requestRun } from './item';
import type { ItemRun } from './item';
import { isRun } from './isRun';
import { isSuccess } from './verdict';

/** How often a run is asked for when there is no time limit to end it. */
const MOST_ATTEMPTS = 5;

/** An answer about a run is short until the run is finished; a server that takes longer than this to begin it hangs. */
const POLL_TIMEOUT_MS = 60_000;

/** A path segment of dots would be taken for a way up, however it is encoded. */
const ONLY_DOTS = /^\.+$/;

/**
 * Encodes a run's ID for use in an address, so that it can't reach another one.
 *
 * @returns undefined for an ID that can't be encoded safely
 */
export function encodeRunId(runId: string): string | undefined {
	if (runId === '' || ONLY_DOTS.test(runId)) return undefined;
	try {
		return encodeURIComponent(runId);
	} catch {
		return undefined;
	}
}

/**
 * Asks for a run. Asking is harmless, so whatever can pass is tried again: until the deadline when there is one,
 * else a few times.
 *
 * @param deadline when to give up, on the node's clock; Infinity without a time limit
 * @param latest what to return when the deadline passes while Dibby can't be asked
 * @returns undefined when the execution was cancelled or another item failed
 * @throws DibbyError with the run's ID
 */
export async function getRun(
	item: ItemRun,
	runId: string,
	deadline: number,
	latest?: DibbyRun,
): Promise<DibbyRun | undefined> {
	const { context } = item;
	const encoded = encodeRunId(runId);
	if (encoded === undefined) {
		throw itemError(context, {
			message: 'The Run ID is not the ID of a Dibby run',
			description: 'Use the ID that Trigger Run gave, for example {{ $json.id }}.',
		});
	}
	item.nodeRun.runIds.set(context.getItemIndex(), runId);
	const problemOf = ({ answer, failure }: Exchange) => {
		if (failure !== undefined) return failureProblem(failure, runId);
		if (isSuccess(answer)) return notARunProblem(answer, item.redact, runId);
		return answerProblem(answer, item.redact, { runId });
	};
	return await requestRun(
		item,
		async () => {
			const timeout = Math.min(POLL_TIMEOUT_MS, Math.max(1_000, deadline - clock.now()));
			return await Promise.resolve({ method: 'GET', path: `/runs/${encoded}`, timeout });
		},
		(result, attempt) => {
			const { answer } = result;
			if (answer !== undefined && isSuccess(answer) && isRun(answer.json)) {
				return { run: { ...answer.json, id: runId } };
			}
			const pause = backOff(attempt, answer?.retryAfter);
			const isTimeLeft = clock.now() + pause < deadline;
			if (canPass(result)) {
				if (!isTimeLeft && latest !== undefined) return { run: latest };
				const mayTryAgain = Number.isFinite(deadline) || attempt < MOST_ATTEMPTS;
				if (isTimeLeft && mayTryAgain) {
					context.logger.debug('Dibby: asking for a run failed and is tried again', {
						runId,
						attempt,
					});
					return { pause, everybody: answer?.status === 429 || answer?.status === 503 };
				}
			}
			throw itemError(context, problemOf(result));
		},
	);
}

/** Trouble that time may end; a refused token, an unknown run, or a redirect stay what they are. */
function canPass({ answer, failure }: Exchange): boolean {
	if (failure !== undefined) {
		return !['cancelled', 'certificate', 'notAllowed', 'tooLarge'].includes(failure.kind);
	}
	return answer.status === 429 || answer.status >= 500 || isSuccess(answer);
}
