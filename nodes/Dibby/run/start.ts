import { describeInputs, fingerprintOf } from '../request/describe';
import { openBody } from '../request/body';
import type { RunRequest, WorkflowKey } from '../request/body';
import { itemError } from '../errors';
import type { DibbyRun } from '../types';
import { answerProblem, notARunProblem } from '../problems/answer';
import { failureProblem } from '../problems/noAnswer';
import { backOff } from './backOff';
import { clock } from './clock';
import type { Answer, Exchange } from './exchange';
import { requestRun } from './item';
import type { ItemRun } from './item';
import { forget, recall, remember } from './memory';
import { getRun } from './getRun';
import { isRun } from './isRun';
import { isSuccess } from './verdict';

/** How often a request that surely was not taken is sent, in all. */
const MOST_ATTEMPTS = 5;

/**
 * Starts the run, or finds the one that an earlier try of the node started for this item.
 *
 * @returns undefined when the node stops before the item's turn came; nothing was started then
 * @throws DibbyError; it says so where a run may have been started nevertheless
 */
export async function startOnce(item: ItemRun, request: RunRequest): Promise<DibbyRun | undefined> {
	const fingerprint = fingerprintOf(request);
	const earlier = recall(item.context, fingerprint);
	if (earlier?.runId !== undefined) {
		const run = await getRun(item, earlier.runId, clock.now() + item.timeLimit);
		if (run?.status !== 'FAILED') return run;
		// A run that failed may be started anew: that is what a second try is for.
	} else if (earlier?.executionId === item.context.getExecutionId()) {
		throw itemError(item.context, failureProblem({ kind: 'closed', delivered: undefined }));
	}
	const run = await start(item, request, fingerprint);
	if (run !== undefined) item.context.logger.debug('Dibby: a run was started', { runId: run.id });
	return run;
}

/** Sends the request, again only when Dibby surely did not take it. */
async function start(
	item: ItemRun,
	request: RunRequest,
	fingerprint: string,
): Promise<DibbyRun | undefined> {
	const { context, nodeRun } = item;
	let deadline = Infinity;
	let key: WorkflowKey;
	return await requestRun(
		item,
		async (attempt) => {
			if (attempt === 1) deadline = clock.now() + item.timeLimit;
			key = nodeRun.workflowKey;
			const body = await openBody(context, request, key);
			// From here on Dibby may take the request, whatever happens to this process.
			remember(context, fingerprint);
			return { method: 'POST', path: '/runs', body };
		},
		(result, attempt) => {
			const { answer } = result;
			if (surelyStartedNothing(result)) forget(context);
			if (answer !== undefined && isSuccess(answer)) {
				return { run: startedRun(item, answer, fingerprint) };
			}
			if (answer !== undefined && key === 'workflowId' && asksForOtherSpelling(answer)) {
				context.logger.debug(
					'Dibby: the server asks for the key "worfklowId"; the request is sent once more',
				);
				nodeRun.workflowKey = 'worfklowId';
				return { pause: 0, everybody: false };
			}
			const pause = backOff(attempt, answer?.retryAfter);
			const mayTryAgain = attempt < MOST_ATTEMPTS && clock.now() + pause < deadline;
			if (isWorthRepeating(result) && mayTryAgain) {
				return { pause, everybody: answer !== undefined };
			}
			const problem = answer
				? answerProblem(answer, item.redact, { inputs: describeInputs(request), starting: true })
				: failureProblem(result.failure);
			throw itemError(context, problem);
		},
	);
}

/** Notes a run's ID before anything else can go wrong. */
function startedRun(item: ItemRun, answer: Answer, fingerprint: string): DibbyRun {
	const { context, nodeRun, redact } = item;
	if (!isRun(answer.json)) throw itemError(context, notARunProblem(answer, redact));
	remember(context, fingerprint, answer.json.id);
	nodeRun.runIds.set(context.getItemIndex(), answer.json.id);
	return answer.json;
}

/** Dibby refused the request, or never got it. A gateway's 502 and 504, and a 500, may hide a run that was started. */
function surelyStartedNothing({ answer, failure }: Exchange): boolean {
	if (failure !== undefined) return failure.delivered === false;
	return answer.status === 503 || (answer.status >= 300 && answer.status < 500);
}

function isWorthRepeating({ answer, failure }: Exchange): boolean {
	if (answer !== undefined) return answer.status === 429 || answer.status === 503;
	return (
		failure.delivered === false && ['refused', 'unknownHost', 'timeout'].includes(failure.kind)
	);
}

/** Dibby's documentation spells the key in two ways; the answer to the wrong one names the right one. */
function asksForOtherSpelling({ status, text }: Answer): boolean {
	return (status === 400 || status === 422) && text.includes('worfklowId');
}
