import type { IN8nHttpFullResponse } from 'n8n-workflow';

import type { Stream } from '../streams';
import { isRun } from '../types';
import type { DibbyRun } from '../types';
import { BodyReader } from './bodyReader';
import { readWithDocuments } from './documentsOfBody';
import { quoteLongIntegers } from './longIntegers';
import type { NetworkFailure } from './networkFailure';
import type { StoredDocuments } from './storedDocuments';

/** Dibby's response, whatever its status. */
export interface DibbyResponse {
	status: number;
	retryAfter?: string;
	/** Where a redirect leads. The node never follows it, because the token would go along. */
	location?: string;
	text: string;
	/** The parsed JSON; undefined if the text isn't JSON. */
	json: unknown;
	/** Whether it came before the whole request was sent. */
	isHalfSent?: boolean;
}

/** Either a response, of any status, or the reason why there is none. */
export type Exchange =
	| { response: DibbyResponse; failure?: undefined }
	| { response?: undefined; failure: NetworkFailure };

export function isSuccess({ status }: Pick<DibbyResponse, 'status'>): boolean {
	return status >= 200 && status < 300;
}

/** The run in a successful response. */
export function runIn({ response }: Exchange): DibbyRun | undefined {
	const isFound = response !== undefined && isSuccess(response) && isRun(response.json);
	return isFound ? (response.json as DibbyRun) : undefined;
}

/**
 * Statuses that servers and gateways also send when Dibby has started a run: a redirect to what the request created, a
 * conflict with it, a gateway that didn't wait for Dibby's response, or a fault after the start.
 */
export const UNCLEAR_STATUSES: readonly number[] = [
	...[300, 301, 302, 303, 304, 408, 409, 499],
	...Array.from({ length: 500 }, (_, n) => 500 + n),
];

/** Whether a request to start a run may have started one. */
export function mayHaveStarted({ response, failure }: Exchange): boolean {
	if (failure !== undefined) return failure.delivered !== false;
	const { status, isHalfSent, json, retryAfter } = response;
	// Half a body isn't JSON, so nobody can have accepted it.
	if (isHalfSent === true) return false;
	// An API or a rate limiter rejects with JSON or Retry-After. Any other 503 is a gateway's page.
	if (status === 503) return json === undefined && retryAfter === undefined;
	return UNCLEAR_STATUSES.includes(status);
}

/** Whether to send a request to start a run again: nothing was started, and the reason may pass. */
export function shouldSendAgain(exchange: Exchange): boolean {
	const { response, failure } = exchange;
	if (mayHaveStarted(exchange)) return false;
	if (response !== undefined) return [429, 503].includes(response.status);
	return ['refused', 'unknownHost', 'proxy', 'closed'].includes(failure.kind);
}

/**
 * Reads a response's body as text and as JSON. A non-2xx response counts even if its body is cut off. So does one whose
 * JSON is complete, whatever happens to the connection afterwards.
 *
 * @param signal aborted with the reason 'cancelled' or 'timeout', which becomes the failure's kind
 * @param documents stores long documents while they arrive; 'skip' drops their content
 * @returns undefined if something that was being stored isn't a document, so the run must be requested again without
 *   `documents` and read as text
 * @throws errors from n8n's storage
 */
export async function readResponse(
	response: IN8nHttpFullResponse,
	signal: AbortSignal,
	documents?: StoredDocuments | 'skip',
): Promise<Exchange | undefined> {
	const stream = response.body as unknown as Stream;
	const isOk = isSuccess({ status: response.statusCode });
	const stored = documents === 'skip' ? undefined : documents;
	stored?.forget();
	const body = new BodyReader(stream);
	const aborted = new Promise<never>((_resolve, reject) => {
		const abort = () => {
			body.brokenBy ??= signal.reason as 'cancelled' | 'timeout';
			reject(new Error('Aborted'));
		};
		signal.addEventListener('abort', abort);
		if (signal.aborted) abort();
	});
	const hasDocuments = isOk && documents !== undefined;
	const read = hasDocuments ? readWithDocuments(body, documents, aborted) : body.readAll();
	// Destroying n8n's stream doesn't end a pending read.
	await Promise.race([read, aborted])
		.catch((error: unknown) => {
			if (body.brokenBy === undefined) throw error;
		})
		.finally(() => stream.destroy());
	const { brokenBy } = body;
	const text = brokenBy === 'tooLarge' ? '' : body.text();
	if (brokenBy === 'notBase64' || stored?.isKeyIn(text)) {
		stored?.forget();
		return undefined;
	}
	const json = parseJson(text);
	if (brokenBy !== undefined && isOk && typeof json !== 'object') {
		return { failure: { kind: brokenBy, delivered: true, received: text } };
	}
	const header = (name: string) => {
		const value = response.headers[name];
		return typeof value === 'string' ? value : undefined;
	};
	return {
		response: {
			status: response.statusCode,
			retryAfter: header('retry-after'),
			location: header('location'),
			text,
			json,
		},
	};
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(quoteLongIntegers(text)) as unknown;
	} catch {
		return undefined;
	}
}
