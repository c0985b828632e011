import type { IHttpRequestMethods, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { clock } from '../clock';
import type { ItemContext } from '../types';
import type { CredentialReader } from './credential';
import { networkFailureOf, responseOf, statusOption } from './networkFailure';
import type { RequestBody, WorkflowKey } from './requestBody';
import type { RequestLimiter } from './requestLimiter';
import type { RequestOptions } from './requestOptions';
import { readResponse, UNCLEAR_STATUSES } from './response';
import type { Exchange } from './response';
import type { StoredDocuments } from './storedDocuments';

/** How an item reaches Dibby. */
export interface Connection {
	context: ItemContext;
	credential: CredentialReader;
	requestOptions: RequestOptions;
	/** Shared by all items of the node execution. */
	limiter: RequestLimiter;
	/** Ends the item's pauses: the execution was canceled, or another item has failed. */
	stopped: AbortSignal;
	/** What the first item finds out about the server, for all others. */
	server: { workflowKey: WorkflowKey };
	/** Takes the documents of the item's run while they arrive. With 'skip', their content is dropped. */
	documents?: StoredDocuments | 'skip';
}

/** One request to Dibby. */
export interface DibbyRequest {
	method: IHttpRequestMethods;
	/** The path below the base URL, already encoded. */
	path: string;
	body?: RequestBody;
	/** How long to wait for the response to begin, in milliseconds, if that is less than 'Timeout'. */
	maxTimeMs?: number;
}

/**
 * Sends one request and reads the response: no retry, no redirect, no decision. It never takes longer than 'Timeout', and
 * leaves no file or socket open. A response whose documents can't be stored while they arrive is requested once more
 * and read as text; only a GET has documents.
 *
 * @throws Error of n8n's storage, never of the network
 */
export async function exchange(connection: Connection, request: DibbyRequest): Promise<Exchange> {
	const result = await exchangeOnce(connection, request);
	return result ?? (await exchange({ ...connection, documents: undefined }, request));
}

async function exchangeOnce(
	connection: Connection,
	{ method, path, body, maxTimeMs = Infinity }: DibbyRequest,
): Promise<Exchange | undefined> {
	const { context, requestOptions, documents } = connection;
	const cancel = context.getExecutionCancelSignal();
	const aborted = new AbortController();
	const responded = new AbortController();
	const finished = new AbortController();
	// With reasons, because Node.js creates an error with a stack trace where there is none.
	const onCancel = () => aborted.abort('cancelled');
	const limit = async (milliseconds: number, unless: AbortSignal) => {
		await clock.watch(milliseconds, unless);
		if (!unless.aborted) aborted.abort('timeout');
	};
	cancel?.addEventListener('abort', onCancel);
	void limit(requestOptions.timeoutMs, finished.signal);
	if (maxTimeMs < requestOptions.timeoutMs) void limit(maxTimeMs, responded.signal);
	try {
		if (cancel?.aborted) return { failure: { kind: 'cancelled', delivered: false } };
		const response = await send(connection, { method, path, body }, aborted.signal);
		responded.abort('responded');
		if ('failure' in response) return response;
		const stored = method === 'GET' ? documents : undefined;
		const result = await readResponse(response, aborted.signal, stored);
		// Dibby responded before it got the whole request.
		if (body?.isUnfinished() && result?.response) result.response.isHalfSent = true;
		return result;
	} finally {
		responded.abort('finished');
		finished.abort('finished');
		cancel?.removeEventListener('abort', onCancel);
		body?.close();
	}
}

async function send(
	{ context, credential, requestOptions }: Connection,
	{ method, path, body }: DibbyRequest,
	signal: AbortSignal,
): Promise<IN8nHttpFullResponse | Extract<Exchange, { failure: object }>> {
	const { proxy, skipSslCertificateValidation } = requestOptions;
	const { data, baseUrl, allowedDomains } = await credential.read();
	if (signal.aborted) {
		const kind = signal.reason as 'cancelled' | 'timeout';
		return { failure: { kind, delivered: false } };
	}
	const options: IHttpRequestOptions = {
		proxy,
		skipSslCertificateValidation,
		method,
		baseURL: baseUrl,
		url: path,
		headers: {
			Accept: 'application/json',
			...(body && { 'Content-Type': 'application/json', 'Content-Length': String(body.bytes) }),
		},
		body: body?.content,
		encoding: 'stream',
		returnFullResponse: true,
		ignoreHttpStatusErrors: statusOption(method === 'POST' ? UNCLEAR_STATUSES : []),
		disableFollowRedirect: true,
		sendCredentialsOnCrossOriginRedirect: false,
		...(allowedDomains === undefined ? {} : { allowedDomains }),
	};
	// n8n aborts a request with the signal of the context that makes it.
	const requestContext = Object.assign(Object.create(context) as ItemContext, {
		getExecutionCancelSignal: () => signal,
	});
	try {
		const { httpRequestWithAuthentication } = context.helpers;
		return (await httpRequestWithAuthentication.call(
			requestContext as ThisParameterType<typeof httpRequestWithAuthentication>,
			'dibbyApi',
			options,
			// So that n8n doesn't read the credential once more.
			{ credentialsDecrypted: { id: '', name: '', type: 'dibbyApi', data } },
		)) as IN8nHttpFullResponse;
	} catch (error) {
		context.logger.debug('Dibby: a request got no response', { method, path });
		const isHalfSent = body?.isUnfinished() === true;
		if (signal.reason === 'cancelled') {
			return { failure: { kind: 'cancelled', delivered: isHalfSent ? false : undefined } };
		}
		const response = responseOf(error);
		if (response !== undefined) return response;
		const failure = networkFailureOf(signal.aborted ? { code: 'ETIMEDOUT', cause: error } : error);
		const isCutOff = failure.delivered === undefined && isHalfSent;
		return { failure: isCutOff ? { kind: 'halfSent', delivered: false } : failure };
	}
}
