import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parser } from 'stream-json';

import { DocumentReader } from './document.cts';
import { refuse } from './reply.cts';
import type { Reply } from './reply.cts';
import type { RecordedRequest, SandboxOptions } from './types.cts';

/** The parser passes strings on in pieces of at most 256 characters; a data URI's prefix must be in the first ones. */
const MAX_PREFIX = 300;

const DATA_URI = /^data:([^,"]*);base64,/;

/** Keys and numbers come whole, strings in pieces. */
const TOKENS = { packStrings: false, streamKeys: false, streamNumbers: false };

/** What one token of JSON is. */
interface Token {
	name: string;
	value: string;
}

/** Builds a value from the tokens of JSON, with a `ReceivedDocument` for each data URI, whose content isn't kept. */
class BodyReader {
	json: unknown;
	private readonly open: object[] = [];
	private key = '';
	private text = '';
	private document?: DocumentReader;

	/** @throws {SyntaxError} for a repeated key, or a document that isn't base64 */
	read({ name, value }: Token): void {
		if (name === 'stringChunk') this.readString(value);
		else if (name === 'endString') this.endString();
		else if (name === 'keyValue') this.key = value;
		else if (name === 'startObject') this.open.push(this.add({}));
		else if (name === 'startArray') this.open.push(this.add([]));
		else if (name === 'endObject' || name === 'endArray') this.open.pop();
		else if (name.endsWith('Value')) this.add(JSON.parse(String(value)));
	}

	private add<Value>(value: Value): Value {
		const holder = this.open.at(-1);
		if (holder === undefined) this.json = value;
		else if (Array.isArray(holder)) holder.push(value);
		else if (Object.hasOwn(holder, this.key)) {
			throw new SyntaxError(`the key "${this.key}" occurs twice`);
		} else {
			// Assigning to `__proto__` would change the object's prototype instead.
			const property = { value, enumerable: true, configurable: true, writable: true };
			Object.defineProperty(holder, this.key, property);
		}
		return value;
	}

	private readString(piece: string): void {
		if (this.document) return this.document.push(piece);
		const mayBeDocument = this.text.length < MAX_PREFIX;
		this.text += piece;
		const [prefix, mediaType] = (mayBeDocument && DATA_URI.exec(this.text)) || [];
		if (prefix === undefined || mediaType === undefined) return;
		this.document = new DocumentReader(mediaType);
		this.document.push(this.text.slice(prefix.length));
	}

	private endString(): void {
		const value = (this.document?.end() ?? this.text) as string;
		this.add(value);
		this.document = undefined;
		this.text = '';
	}
}

/**
 * Reads a request's body to its end, even if it's invalid or too large, because a client that still sends doesn't read
 * the response.
 *
 * @returns the body's JSON, or an error response
 * @throws when the connection is lost
 */
export async function readBody(
	request: IncomingMessage,
	record: RecordedRequest,
	{ keepBodies }: SandboxOptions,
): Promise<{ json: unknown } | Reply> {
	const kept: Buffer[] = [];
	const text = async function* () {
		const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
		for await (const chunk of request.iterator({ destroyOnReturn: false })) {
			const bytes = chunk as Buffer;
			record.bodyBytes += bytes.length;
			if (keepBodies) kept.push(bytes);
			yield utf8.decode(bytes, { stream: true });
		}
		yield utf8.decode();
	};
	const reader = new BodyReader();
	try {
		await pipeline(text, parser(TOKENS), async (tokens: AsyncIterable<Token>) => {
			for await (const token of tokens) reader.read(token);
		});
		return { json: reader.json };
	} catch (error) {
		for await (const chunk of request) record.bodyBytes += (chunk as Buffer).length;
		return refuse(400, `The body can't be read: ${(error as Error).message}`);
	} finally {
		if (keepBodies) record.rawBody = Buffer.concat(kept).toString('utf8');
	}
}
