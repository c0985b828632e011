import type { IHttpRequestMethods, IN8nHttpFullResponse } from 'n8n-workflow';

import type { N8nServices, RequestTemplate } from '../types';
import { networkFailureOf } from './networkFailure';
import type { NetworkFailure } from './networkFailure';
import type { RequestBody } from './requestBody';
import { readResponse } from './response';
import type { DibbyResponse } from './response';

/** What n8n allows a request when the user says nothing. */
const DEFAULT_TIMEOUT_MS = 300_000;

/** One request to Dibby. */
export interface DibbyRequest {
	method: IHttpRequestMethods;
	/** Path below the base URL, already encoded. */
	path: string;
	body?: RequestBody;
	/** The longest to wait for the response to begin, in milliseconds, where the user allows longer. */
	timeoutMs?: number;
}

/** Either a response, of any status, or why there is none. */
export type Exchange =
	| { response: DibbyResponse; failure?: undefined }
	| { response?: undefined; failure: NetworkFailure };

/**
 * Performs one request with the user's Request Options and the credential, and nothing more: no retry,
 * no redirect, no decision. Never throws, and leaves no file and no socket open.
 *
 * @param template the request as n8n's engine prepared it; its time-out applies to connecting, sending and
 *   waiting for the response, and once more to reading the response
 */
export async function exchange(
	n8n: N8nServices,
	template: RequestTemplate,
	{ method, path, body, timeoutMs = Infinity }: DibbyRequest,
): Promise<Exchange> {
	const signal = n8n.getExecutionCancelSignal?.();
	if (signal?.aborted) return { failure: { kind: 'cancelled', delivered: false } };
	try {
		const options: RequestTemplate = {
			...template,
			method,
			url: path,
			timeout: Math.min(timeoutMs, template.timeout ?? DEFAULT_TIMEOUT_MS),
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
		const response = (await httpRequestWithAuthentication.call(
			n8n as ThisParameterType<typeof httpRequestWithAuthentication>,
			'dibbyApi',
			options,
		)) as IN8nHttpFullResponse;
		return await readResponse(response, signal, template.timeout ?? DEFAULT_TIMEOUT_MS);
	} catch (error) {
		n8n.logger.debug('Dibby: a request got no response', { method, path });
		return {
			failure: signal?.aborted
				? { kind: 'cancelled', delivered: undefined }
				: networkFailureOf(error),
		};
	} finally {
		body?.close();
	}
}
