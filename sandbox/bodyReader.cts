import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import type { ReceivedDocument } from './types.cts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Documents up to this size are kept, for the workflows that read them. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** The longest beginning of a data URI that is looked at, in bytes. */
const LONGEST_PREFIX = 300;

const DATA_URI = /^data:([^,"]*);base64,$/;

/** What a body holds, once it has passed: its JSON, with documents in place of data URIs. */
export interface ReadBody {
	json: unknown;
	/** The first key that some object in it has twice. */
	repeatedKey?: string;
	bytes: number;
}

/**
 * Reads a JSON body as it streams by, in constant memory: the content of data URIs is hashed and counted,
 * not kept, so that documents of any size can be sent to the sandbox.
 */
export class BodyReader {
	/** The JSON, with placeholders for documents. */
	private text: Buffer[] = [];

	private readonly documents: ReceivedDocument[] = [];

	private state: 'outside' | 'string' | 'content' = 'outside';

	private escaped = false;

	/** The beginning of the string being read, while it can still be a data URI. */
	private prefix = '';

	private content?: DocumentReader;

	private bytes = 0;

	/** @throws SyntaxError when a document's base64 is not valid */
	push(chunk: Buffer): void {
		this.bytes += chunk.length;
		let position = 0;
		while (position < chunk.length) {
			if (this.state === 'content') position = this.readContent(chunk, position);
			else if (this.state === 'string') position = this.readString(chunk, position);
			else position = this.readOutside(chunk, position);
		}
	}

	/** @throws SyntaxError when the text is not JSON */
	end(): ReadBody {
		const text = Buffer.concat(this.text).toString('utf8');
		const json = JSON.parse(text, (_key, value: unknown) => this.documentFor(value)) as unknown;
		return { json, repeatedKey: repeatedKey(text), bytes: this.bytes };
	}

	private readOutside(chunk: Buffer, position: number): number {
		const quote = chunk.indexOf(QUOTE, position);
		const end = quote === -1 ? chunk.length : quote + 1;
		this.text.push(chunk.subarray(position, end));
		if (quote !== -1) {
			this.state = 'string';
			this.prefix = '';
		}
		return end;
	}

	private readString(chunk: Buffer, start: number): number {
		for (let position = start; position < chunk.length; position++) {
			const byte = chunk[position];
			if (this.escaped) this.escaped = false;
			else if (byte === BACKSLASH) this.escaped = true;
			else if (byte === QUOTE) {
				this.text.push(chunk.subarray(start, position + 1));
				this.state = 'outside';
				return position + 1;
			}
			if (this.prefix.length < LONGEST_PREFIX) {
				this.prefix += String.fromCharCode(byte ?? 0);
				const mediaType = byte === 0x2c ? DATA_URI.exec(this.prefix)?.[1] : undefined;
				if (mediaType !== undefined) {
					this.text.push(chunk.subarray(start, position + 1));
					this.content = new DocumentReader(mediaType);
					this.state = 'content';
					return position + 1;
				}
			}
		}
		this.text.push(chunk.subarray(start));
		return chunk.length;
	}

	private readContent(chunk: Buffer, position: number): number {
		const quote = chunk.indexOf(QUOTE, position);
		const end = quote === -1 ? chunk.length : quote;
		this.content?.push(chunk.subarray(position, end));
		if (quote === -1 || this.content === undefined) return end;
		this.documents.push(this.content.end());
		this.text.push(Buffer.from(`#${this.documents.length - 1}"`));
		this.state = 'outside';
		return end + 1;
	}

	private documentFor(value: unknown): unknown {
		const index =
			typeof value === 'string' ? /^data:[^,"]*;base64,#(\d+)$/.exec(value)?.[1] : undefined;
		return index === undefined ? value : this.documents[Number(index)];
	}
}

/** Decodes one document's base64 as it comes. */
class DocumentReader {
	private readonly hash: Hash = createHash('sha256');

	private bytes = 0;

	private carried = '';

	private padded = false;

	private kept: Buffer[] | undefined = [];

	constructor(private readonly mediaType: string) {}

	push(slice: Buffer): void {
		const text = this.carried + slice.toString('latin1');
		const whole = text.length - (text.length % 4);
		this.carried = text.slice(whole);
		if (whole > 0) this.decode(whole === text.length ? text : text.slice(0, whole));
	}

	end(): ReceivedDocument {
		if (this.carried !== '') throw new SyntaxError('the base64 of a document is not padded');
		const { mediaType, bytes } = this;
		const content = this.kept && Buffer.concat(this.kept);
		return { mediaType, bytes, sha256: this.hash.digest('hex'), ...(content && { content }) };
	}

	private decode(text: string): void {
		const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
		const decoded = Buffer.from(text, 'base64');
		const isStrict = decoded.length === (text.length / 4) * 3 - padding && !/[-_]/.test(text);
		if (!isStrict || this.padded) throw new SyntaxError('the base64 of a document is not valid');
		this.padded = padding > 0;
		this.hash.update(decoded);
		this.bytes += decoded.length;
		if (this.bytes > KEPT_BYTES) this.kept = undefined;
		this.kept?.push(decoded);
	}
}

/** Finds a key that an object has twice; `JSON.parse` would silently take the last. */
function repeatedKey(text: string): string | undefined {
	const objects: Array<Set<string> | undefined> = [];
	const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/gs;
	for (const [symbol, colon] of text.matchAll(token)) {
		if (symbol === '{') objects.push(new Set());
		else if (symbol === '[') objects.push(undefined);
		else if (symbol === '}' || symbol === ']') objects.pop();
		else if (colon !== undefined) {
			const key = JSON.parse(symbol.slice(0, -colon.length)) as string;
			if (objects.at(-1)?.has(key)) return key;
			objects.at(-1)?.add(key);
		}
	}
	return undefined;
}
