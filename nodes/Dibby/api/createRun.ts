import { clock } from '../clock';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import type { DibbyRun, RunRequest } from '../types';
import { mayHaveStarted, notARunError, responseError } from './responseErrors';
import { isRun } from './fetchRun';
import { networkError } from './networkErrors';
import { networkFailureOf } from './networkFailure';
import { describeInputs, openBody } from './requestBody';
import type { WorkflowKey } from './requestBody';
import { isSuccess } from './response';
import type { DibbyResponse, Exchange } from './response';
import { backOff, sendWithRetry } from './retry';
import type { Connection } from './retry';
import type { Redactor } from './serverText';

/** How often a request that definitely started nothing is sent, in all. */
const MOST_ATTEMPTS = 5;

/** Keeps note of what happens to a start, so that another try finds it. Each call comes before anything else can fail. */
export interface StartLog {
	/** From here on Dibby may take the request, whatever happens to this process. */
	sending: () => void;
	notStarted: () => void;
	started: (runId: string) => void;
	/** Nobody knows whether a run was started. */
	unknown: (error: ErrorDetails) => void;
}

/**
 * Starts a run. The request is sent again only when Dibby definitely did not take it.
 *
 * @returns undefined when the node stops before the item's turn came; nothing was started then
 * @throws DibbyError; it says so where a run may have been started nevertheless
 */
export async function createRun(
	connection: Connection,
	request: RunRequest,
	log: StartLog,
): Promise<DibbyRun | undefined> {
	const { n8n, redact, server, timeLimit } = connection;
	let sentKey: WorkflowKey;
	const fail = (error: ErrorDetails): never => {
		if (error.outcomeUnknown) log.unknown(error);
		throw new DibbyError(error);
	};
	const purpose = () => ({ inputs: describeInputs(request) });
	return await sendWithRetry(
		connection,
		async () => {
			timeLimit.began ??= clock.now();
			sentKey = server.workflowKey;
			const body = await openBody(n8n, request, sentKey).catch((error: unknown) => {
				const failure = networkFailureOf(error);
				if (failure.kind !== 'fileChanged') throw error;
				return fail(networkError(failure, purpose(), redact));
			});
			log.sending();
			return { method: 'POST', path: '/runs', body };
		},
		(result, attempt) => {
			const { response, failure } = result;
			if (isDefinitelyNotStarted(result)) log.notStarted();
			if (response !== undefined && isSuccess(response)) {
				// An ID goes into logs and lists: none that holds the token is one.
				if (!isRun(response.json) || redact.id(response.json.id) !== response.json.id) {
					return fail(notARunError(response, redact, purpose()));
				}
				log.started(response.json.id);
				timeLimit.began = clock.now();
				return { run: response.json };
			}
			if (response !== undefined && sentKey === 'workflowId' && asksForOtherSpelling(response)) {
				n8n.logger.debug(
					'Dibby: the server asks for the key "worfklowId"; the request is sent once more',
				);
				server.workflowKey = 'worfklowId';
				return { delayMs: 0, scope: 'request' };
			}
			const delayMs = backOff(attempt, response?.retryAfter);
			const isTimeLeft = clock.now() + delayMs < (timeLimit.began ?? 0) + timeLimit.limitMs;
			if (isWorthRepeating(result) && attempt < MOST_ATTEMPTS && isTimeLeft) {
				return { delayMs, scope: response === undefined ? 'request' : 'allItems' };
			}
			return fail(
				failure === undefined
					? responseError(response, connection, purpose())
					: networkError(failure, purpose(), redact),
			);
		},
	);
}

/** The error for a start of which nothing is known but that it was sent: n8n was broken off in the middle. */
export function unknownStartError(request: RunRequest, redact: Redactor): ErrorDetails {
	const inputs = describeInputs(request);
	return networkError({ kind: 'closed', delivered: undefined }, { inputs }, redact);
}

/** Dibby refused the request, or never got it. */
function isDefinitelyNotStarted({ response, failure }: Exchange): boolean {
	if (failure !== undefined) return failure.delivered === false;
	return response.status >= 300 && !mayHaveStarted(response.status);
}

function isWorthRepeating({ response, failure }: Exchange): boolean {
	if (response !== undefined) return response.status === 429 || response.status === 503;
	const isPassing = ['refused', 'unknownHost', 'closed'].includes(failure.kind);
	return failure.delivered === false && isPassing;
}

/** Dibby's documentation spells the key in two ways; the answer to the wrong one names the right one. */
function asksForOtherSpelling({ status, text }: DibbyResponse): boolean {
	return (status === 400 || status === 422) && text.includes('worfklowId');
}
