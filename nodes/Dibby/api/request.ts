import type { IHttpRequestMethods, IN8nHttpFullResponse } from 'n8n-workflow';

import { clock, LONGEST_TIMER_MS } from '../clock';
import type { N8nServices, RequestTemplate } from '../types';
import type { StoredDocuments } from '../output/storedDocuments';
import type { Credential } from './credential';
import { networkFailureOf } from './networkFailure';
import type { NetworkFailure } from './networkFailure';
import type { RequestBody } from './requestBody';
import { readResponse } from './response';
import type { Exchange } from './response';

/** What n8n allows a request when the user says nothing. */
const DEFAULT_TIMEOUT_MS = 300_000;

/**
 * How much later than n8n's time-out the node gives a request up itself: n8n hears nothing more of a server that switches to
 * another protocol (101), and in some versions each piece of a header that never ends begins the time anew.
 */
const GRACE_MS = 2_000;

/** In those versions, an upload may take as long as it goes on, however slow: at a tenth of a megabit a second. */
const SLOWEST_BYTES_PER_MS = 12;

/** One request to Dibby. */
export interface DibbyRequest {
	method: IHttpRequestMethods;
	/** Path below the base URL, already encoded. */
	path: string;
	body?: RequestBody;
	/** The longest to wait for the response to begin, in milliseconds, where the user allows longer. */
	timeoutMs?: number;
	/** Takes the documents in the answer while it is read; only for a GET, which may be made again. */
	documents?: StoredDocuments;
}

/**
 * Performs one request with the user's Request Options and the credential, and nothing more: no retry,
 * no redirect, no decision. Leaves no file and no socket open. An answer whose documents can't be stored while they
 * come is asked for once more, and read as text.
 *
 * @param credential n8n's third argument for its request helper: it authenticates with that, and doesn't read the
 *   credential from its database again (read in n8n-core 1.93, 1.122, 2.20 and 2.41)
 * @param template the request as n8n's engine prepared it; its time-out applies to connecting, sending and
 *   waiting for the response, and once more to reading the response
 * @throws Error of n8n's storage; never of the network
 */
export async function exchange(
	n8n: N8nServices,
	template: RequestTemplate,
	credential: Credential,
	request: DibbyRequest,
): Promise<Exchange> {
	const signal = n8n.getExecutionCancelSignal?.();
	try {
		if (signal?.aborted) return { failure: { kind: 'cancelled', delivered: false } };
		const sent = await send(n8n, template, credential, request);
		if ('failure' in sent) return sent;
		const answer = await readResponse(sent, signal, timeoutOf(template), request.documents);
		if (!('unread' in answer)) return answer;
		if (answer.unread === 'storage') throw answer.error;
	} finally {
		request.body?.close();
	}
	return await exchange(n8n, template, credential, { ...request, documents: undefined });
}

async function send(
	n8n: N8nServices,
	template: RequestTemplate,
	credential: Credential,
	{ method, path, body, timeoutMs = Infinity }: DibbyRequest,
): Promise<IN8nHttpFullResponse | { failure: NetworkFailure }> {
	const timeout = Math.min(timeoutMs, timeoutOf(template));
	const answered = new AbortController();
	try {
		const options: RequestTemplate = {
			...template,
			method,
			baseURL: credential.baseUrl,
			url: path,
			timeout,
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
		const { httpRequestWithAuthentication } = n8n.helpers;
		const response = httpRequestWithAuthentication.call(
			n8n as ThisParameterType<typeof httpRequestWithAuthentication>,
			'dibbyApi',
			options,
			{ credentialsDecrypted: { id: '', name: '', type: 'dibbyApi', data: credential.data } },
		) as Promise<IN8nHttpFullResponse>;
		const graceMs = GRACE_MS + (body?.bytes ?? 0) / SLOWEST_BYTES_PER_MS;
		const givenUp = clock.watch(timeout + graceMs, answered.signal).then(async () => {
			if (answered.signal.aborted) return await response;
			throw Object.assign(new Error('No answer'), { code: 'ETIMEDOUT' });
		});
		return await Promise.race([response, givenUp]);
	} catch (error) {
		n8n.logger.debug('Dibby: a request got no response', { method, path });
		if (n8n.getExecutionCancelSignal?.()?.aborted) {
			return { failure: { kind: 'cancelled', delivered: undefined } };
		}
		const failure = networkFailureOf(error);
		const isHalfSent = failure.delivered === undefined && body?.isUnfinished() === true;
		return { failure: isHalfSent ? { kind: 'halfSent', delivered: false } : failure };
	} finally {
		answered.abort('answered');
	}
}

/** The user's Timeout. n8n does not check it, and an expression can give anything. */
function timeoutOf({ timeout }: RequestTemplate): number {
	const given = Number(timeout);
	return given > 0 ? Math.min(given, LONGEST_TIMER_MS) : DEFAULT_TIMEOUT_MS;
}
