import type { IN8nHttpFullResponse } from 'n8n-workflow';

import { clock } from './clock';
import type { Exchange } from './exchange';

/**
 * The largest answer that is read, in bytes. The text, its parsed form and the files in it are in memory together,
 * so this bounds what a broken or hostile server can make n8n hold.
 */
const LARGEST_ANSWER_BYTES = 256 * 1024 * 1024;

/** The part of a response stream that is used here; node code may not import the type from `stream`. */
interface ResponseStream extends AsyncIterable<Buffer> {
	destroy: () => void;
}

/**
 * Reads an answer's body as text and as JSON, and stops early when it is too large, too slow, or cancelled.
 *
 * @param timeout the longest that reading may take, in milliseconds
 */
export async function readAnswer(
	response: IN8nHttpFullResponse,
	cancelled: AbortSignal | undefined,
	timeout: number,
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
	const watching = clock.sleep(timeout, finished.signal).then(() => {
		tooSlow = !finished.signal.aborted;
		if (tooSlow) breakOff();
	});
	try {
		for await (const chunk of stream) {
			bytes += chunk.length;
			if (bytes > LARGEST_ANSWER_BYTES) return { failure: { kind: 'tooLarge', delivered: true } };
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
		answer: {
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
