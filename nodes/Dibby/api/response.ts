import type { IN8nHttpFullResponse } from 'n8n-workflow';

import { clock } from '../clock';
import type { Exchange } from './request';

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

export function isSuccess({ status }: DibbyResponse): boolean {
	return status >= 200 && status < 300;
}

/**
 * The largest response that is read, in bytes. The text, its parsed form and the files in it are in memory together,
 * so this bounds what a broken or hostile server can make n8n hold.
 */
const LARGEST_RESPONSE_BYTES = 256 * 1024 * 1024;

/** The part of a response stream that is used here; node code may not import the type from `stream`. */
interface ResponseStream extends AsyncIterable<Buffer> {
	destroy: () => void;
}

/**
 * Reads a response's body as text and as JSON, and stops early when it is too large, too slow, or cancelled.
 *
 * @param timeoutMs the longest that reading may take
 */
export async function readResponse(
	response: IN8nHttpFullResponse,
	cancelled: AbortSignal | undefined,
	timeoutMs: number,
): Promise<Exchange> {
	const stream = response.body as unknown as ResponseStream;
	const chunks: Buffer[] = [];
	let bytes = 0;
	const finished = new AbortController();
	let tooSlow = false;
	const breakOff = () => {
		stream.destroy();
	};
	cancelled?.addEventListener('abort', breakOff);
	const watching = clock.watch(timeoutMs, finished.signal).then(() => {
		tooSlow = !finished.signal.aborted;
		if (tooSlow) breakOff();
	});
	try {
		for await (const chunk of stream) {
			bytes += chunk.length;
			if (bytes > LARGEST_RESPONSE_BYTES) return { failure: { kind: 'tooLarge', delivered: true } };
			chunks.push(chunk);
		}
	} catch {
		if (cancelled?.aborted) return { failure: { kind: 'cancelled', delivered: true } };
		return { failure: { kind: tooSlow ? 'timeout' : 'truncated', delivered: true } };
	} finally {
		cancelled?.removeEventListener('abort', breakOff);
		finished.abort();
		stream.destroy();
		await watching;
	}
	const text = decode(Buffer.concat(chunks), String(response.headers['content-type'] ?? ''));
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
			json: parse(text),
		},
	};
}

/** JSON is UTF-8. A server that sends something else mostly says so, or means Windows' Western alphabet. */
function decode(bytes: Buffer, contentType: string): string {
	const declared = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'windows-1252';
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
