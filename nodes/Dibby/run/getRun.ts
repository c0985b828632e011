import { itemError } from '../errors';
import type { DibbyRun } from '../types';
import { answerProblem, failureProblem, notARunProblem } from './problems';
import { backOff } from './backOff';
import { clock } from './clock';
import type { Exchange } from './exchange';
import { exchangeInTurn, stopSignals } from './item';
import type { ItemRun } from './item';
import { isRun } from './isRun';

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
	for (let attempt = 1; ; attempt++) {
		const result = await exchangeInTurn(item, async () => {
			const timeout = Math.min(POLL_TIMEOUT_MS, Math.max(1_000, deadline - clock.now()));
			return await Promise.resolve({ method: 'GET', path: `/runs/${encoded}`, timeout });
		});
		if (result === undefined) return undefined;
		const { answer, failure } = result;
		if (answer?.status === 200 && isRun(answer.json)) return { ...answer.json, id: runId };

		const pause = backOff(attempt, answer?.retryAfter);
		const isTimeLeft = clock.now() + pause < deadline;
		if (canPass(result) && !isTimeLeft && latest !== undefined) return latest;
		const mayTryAgain = isTimeLeft && (Number.isFinite(deadline) || attempt < MOST_ATTEMPTS);
		if (!canPass(result) || !mayTryAgain) {
			const problem =
				failure !== undefined
					? failureProblem(failure, runId)
					: answer.status >= 200 && answer.status < 300
						? notARunProblem(answer, item.redact, runId)
						: answerProblem(answer, item.redact, { runId });
			throw itemError(context, { ...problem, runId });
		}
		context.logger.debug('Dibby: asking for a run failed and is tried again', { runId, attempt });
		if (answer?.status === 429 || answer?.status === 503) item.nodeRun.keepQuiet(pause);
		else await clock.sleep(pause, stopSignals(item));
	}
}

/** Trouble that time may end; a refused token, an unknown run, or a redirect stay what they are. */
function canPass({ answer, failure }: Exchange): boolean {
	if (failure !== undefined) {
		return !['cancelled', 'certificate', 'notAllowed', 'tooLarge'].includes(failure.kind);
	}
	const { status } = answer;
	return status === 429 || status >= 500 || (status >= 200 && status < 300);
}
