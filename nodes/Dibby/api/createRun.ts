import { clock } from '../clock';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import type { RunRequest } from '../types';
import type { SeenRun } from './fetchRun';
import { exchangeError, networkError } from './networkErrors';
import { networkFailureOf } from './networkFailure';
import { exchange } from './request';
import type { Connection } from './request';
import { openBody } from './requestBody';
import { runIn, shouldSendAgain } from './response';
import type { DibbyResponse, Exchange } from './response';
import type { ErrorContext } from './responseErrors';
import { MAX_ATTEMPTS, sendWithRetry } from './retry';

/**
 * Starts a run. The request is sent again only if Dibby definitely didn't accept it.
 *
 * @param timeLimitMs how long to try, from the first request on
 * @param onSend called before each attempt: from then on, Dibby may start the run, whatever happens to this process
 * @returns undefined if the node was stopped before the item's turn came; no run was started then
 * @throws DibbyError; `outcomeUnknown` says that a run may have been started
 */
export async function createRun(
	connection: Connection,
	request: RunRequest,
	timeLimitMs: number,
	onSend: () => void,
): Promise<SeenRun | undefined> {
	const { context, credential, server } = connection;
	const { redact } = credential;
	let began = Infinity;
	const send = async (): Promise<Exchange> => {
		began = Math.min(began, clock.now());
		const key = server.workflowKey;
		const body = await openBody(context, request, key).catch(fileFailure);
		if ('failure' in body) return body;
		onSend();
		const result = await exchange(connection, { method: 'POST', path: '/runs', body });
		if (key !== 'workflowId' || !asksForOtherKey(result.response)) return result;
		server.workflowKey = 'worfklowId';
		return await send();
	};
	return await sendWithRetry(connection, {
		purpose: 'start',
		deadline: () => began + timeLimitMs,
		send,
		shouldRetry: (result, attempt) => shouldSendAgain(result) && attempt < MAX_ATTEMPTS,
		conclude: (result) => {
			const run = runIn(result);
			// The ID goes into logs and lists, so one that contains the token isn't accepted.
			if (run !== undefined && redact.id(run.id) === run.id) return { run, since: clock.now() };
			throw new DibbyError(exchangeError(result, request, credential));
		},
	});
}

/** The error for a start that was sent, but whose outcome was lost with the execution. */
export function unknownStartError(context: ErrorContext): ErrorDetails {
	return networkError({ kind: 'closed', delivered: undefined }, true, context);
}

/** A file that n8n no longer has is found before anything is sent. */
function fileFailure(error: unknown): Extract<Exchange, { failure: object }> {
	const failure = networkFailureOf(error);
	if (failure.kind !== 'fileChanged') throw error;
	return { failure };
}

/** The response to the wrong spelling of the key names the right one. */
function asksForOtherKey(response: DibbyResponse | undefined): boolean {
	const { status, text = '' } = response ?? {};
	return (status === 400 || status === 422) && text.includes('worfklowId');
}
