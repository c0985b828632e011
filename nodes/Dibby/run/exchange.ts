import type { IHttpRequestMethods, IN8nHttpFullResponse } from 'n8n-workflow';

import type { RunBody } from '../request/body';
import type { ItemContext, RequestTemplate } from '../types';
import { failureOf } from './failure';
import type { Failure } from './failure';
import { readAnswer } from './readAnswer';

/** What n8n allows a request when the user says nothing. */
const DEFAULT_TIMEOUT_MS = 300_000;

/** What Dibby answered, whatever the status. */
export interface Answer {
	status: number;
	retryAfter?: string;
	/** Where a redirect leads; never followed, since the token would go along. */
	location?: string;
	text: string;
	/** The parsed JSON; undefined when the text is not JSON. */
	json: unknown;
}

/** One request to Dibby. */
export interface DibbyRequest {
	method: IHttpRequestMethods;
	/** Path below the base URL, already encoded. */
	path: string;
	body?: RunBody;
	/** The longest to wait for the answer to begin, in milliseconds, where the user allows longer. */
	timeout?: number;
}

/** Either an answer, of any status, or why there is none. */
export type Exchange =
	{ answer: Answer; failure?: undefined } | { answer?: undefined; failure: Failure };

/**
 * Performs one request with the user's Request Options and the credential, and nothing more: no retry,
 * no redirect, no judgement. Never throws, and leaves no file and no socket open.
 *
 * @param template the request as n8n's engine prepared it; its time-out applies to connecting, sending and
 *   waiting for the answer, and once more to reading the answer
 */
export async function exchange(
	context: ItemContext,
	template: RequestTemplate,
	{ method, path, body, timeout = Infinity }: DibbyRequest,
): Promise<Exchange> {
	const signal = context.getExecutionCancelSignal?.();
	if (signal?.aborted) return { failure: { kind: 'cancelled', delivered: false } };
	try {
		const options: RequestTemplate = {
			...template,
			method,
			url: path,
			timeout: Math.min(timeout, template.timeout ?? DEFAULT_TIMEOUT_MS),
			headers: {
				...template.headers,
				Accept: 'application/json',
				...(body && { 'Content-Type': 'application/json', 'Content-Length': String(body.bytes) }),
			},
			body: body?.content,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
		};
		const { httpRequestWithAuthentication } = context.helpers;
		const response = (await httpRequestWithAuthentication.call(
			context,
			'dibbyApi',
			options,
		)) as IN8nHttpFullResponse;
		return await readAnswer(response, signal, template.timeout ?? DEFAULT_TIMEOUT_MS);
	} catch (error) {
		context.logger.debug('Dibby: a request got no answer', { method, path });
		return {
			failure: signal?.aborted ? { kind: 'cancelled', delivered: undefined } : failureOf(error),
		};
	} finally {
		body?.close();
	}
}
