import type { IN8nHttpFullResponse } from 'n8n-workflow';

import { clock } from '../clock';
import type { StoredDocuments } from '../output/storedDocuments';
import { streamLike } from '../streams';
import type { Stream } from '../streams';
import { NotBase64Error } from './base64Decoder';
import { BodyReader } from './bodyReader';
import { BoundedText, TooLargeError } from './boundedText';
import { storeDocumentsOf } from './documentsOfBody';
import type { NetworkFailure } from './networkFailure';

/** What Dibby answered, whatever the status. */
export interface DibbyResponse {
	status: number;
	retryAfter?: string;
	/** Where a redirect leads; never followed, since the token would go along. */
	location?: string;
	text: string;
	/** The parsed JSON; undefined when the text is not JSON. */
	json: unknown;
}

/** Either a response, of any status, or why there is none. */
export type Exchange =
	| { response: DibbyResponse; failure?: undefined }
	| { response?: undefined; failure: NetworkFailure };

export function isSuccess({ status }: Pick<DibbyResponse, 'status'>): boolean {
	return status >= 200 && status < 300;
}

/** Shorter answers, such as all of a run that is not over, are read in one go. It is also all that errors quote of. */
const SHORT_BYTES = 64 * 1024;

/**
 * Why a good answer was not read to its end: something only looked like a document while it was stored, so that the run
 * must be read without storing; or n8n's storage failed.
 */
type Unread = { response?: undefined; failure?: undefined } & (
	{ unread: 'documents' } | { unread: 'storage'; error: unknown }
);

/**
 * Reads a response's body as text and as JSON, and stops early when it is too large, too slow, or cancelled.
 * One that is no success is known by its status, however much of its body comes. One whose JSON is there is whole, since
 * an object says itself where it ends, whatever the connection does afterwards.
 *
 * @param timeoutMs the longest that reading may take
 * @param documents takes the documents of a run that is read, if they are to become files
 */
export async function readResponse(
	response: IN8nHttpFullResponse,
	cancelled: AbortSignal | undefined,
	timeoutMs: number,
	documents?: StoredDocuments,
): Promise<Exchange | Unread> {
	const stream = response.body as unknown as Stream;
	const body = new BodyReader(stream);
	const text = new BoundedText();
	const contentType = String(response.headers['content-type'] ?? '');
	const finished = new AbortController();
	let tooSlow = false;
	let reject: (error: Error) => void = () => {};
	const brokenOff = new Promise<never>((_resolve, rejectIt) => (reject = rejectIt));
	const breakOff = () => {
		stream.destroy();
		reject(new Error('Broken off'));
	};
	cancelled?.addEventListener('abort', breakOff);
	const watching = clock.watch(timeoutMs, finished.signal).then(() => {
		tooSlow = !finished.signal.aborted;
		if (tooSlow) breakOff();
	});
	const toStream = (pieces: AsyncIterable<Buffer>) => streamLike(stream, pieces);
	let quoted: Buffer | undefined;
	let brokenBy: 'timeout' | 'tooLarge' | 'truncated' | undefined;
	const read = async () => {
		documents?.forget();
		const mayHaveThem = isSuccess({ status: response.statusCode }) && isUtf8(contentType);
		if (documents !== undefined && mayHaveThem && (await body.fill(SHORT_BYTES))) {
			quoted = Buffer.from(body.rest.subarray(0, SHORT_BYTES));
			await storeDocumentsOf(body, text, documents, toStream, brokenOff);
		}
		while (await body.fill(1)) text.add(body.take(body.rest.length));
	};
	try {
		// A destroyed stream does not end the waiting for its next piece: n8n's is a generator, which ends between pieces.
		await Promise.race([read(), brokenOff]);
	} catch (error) {
		if (cancelled?.aborted) return { failure: { kind: 'cancelled', delivered: true } };
		if (tooSlow) brokenBy = 'timeout';
		else if (isOf(error, TooLargeError)) brokenBy = 'tooLarge';
		else if (body.hasFailed) brokenBy = 'truncated';
		else if (isOf(error, NotBase64Error)) return { unread: 'documents' };
		else return { unread: 'storage', error };
	} finally {
		cancelled?.removeEventListener('abort', breakOff);
		// With a reason, since Node.js makes an error with a stack for each that has none.
		finished.abort('read');
		stream.destroy();
		await watching;
	}
	const whole = brokenBy === 'tooLarge' ? '' : decode(text.whole(body.unfinished), contentType);
	const json = parse(whole);
	const isKnown = !isSuccess({ status: response.statusCode }) || typeof json === 'object';
	if (brokenBy !== undefined && !isKnown) {
		return { failure: { kind: brokenBy, delivered: true, received: whole } };
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
			text: quoted === undefined ? whole : decode(quoted, contentType),
			json,
		},
	};
}

/** Storages may wrap what their source throws. */
function isOf(error: unknown, type: typeof TooLargeError | typeof NotBase64Error): boolean {
	return error instanceof type || (error instanceof Error && isOf(error.cause, type));
}

function isUtf8(contentType: string): boolean {
	return /^utf-?8$/i.test(charsetOf(contentType) ?? 'utf-8');
}

function charsetOf(contentType: string): string | undefined {
	return /charset="?([\w-]+)/i.exec(contentType)?.[1];
}

/** JSON is UTF-8. A server that sends something else mostly says so, or means Windows' Western alphabet. */
function decode(bytes: Buffer, contentType: string): string {
	const declared = charsetOf(contentType) ?? 'windows-1252';
	const decoders = [
		() => new TextDecoder('utf-8', { fatal: true }),
		() => new TextDecoder(declared, { fatal: true }),
	];
	for (const decoder of decoders) {
		try {
			return decoder().decode(bytes);
		} catch {
			continue;
		}
	}
	return bytes.toString('latin1');
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
