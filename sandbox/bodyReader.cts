import { randomUUID } from 'node:crypto';

import type { Contents, ReceivedDocument } from './document.cts';
import { DocumentReader } from './documentReader.cts';
import { repeatedKey } from './repeatedKey.cts';
import { Unescaper } from './unescaper.cts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How much of a body's documents is kept at most, for the workflows that read them. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** The longest beginning of a data URI that is looked at, in characters. */
const LONGEST_PREFIX = 300;

const DATA_URI = /^data:([^,"]*);base64,$/;

const WORKFLOW_FIRST = /^\s*\{\s*"(?:workflowId|worfklowId)"\s*:\s*"([^"\\]*)"/;

/** What a body holds, once it has passed: its JSON, with documents in place of data URIs. */
export interface ReadBody {
	json: unknown;
	/** The first key that some object in it has twice. */
	repeatedKey?: string;
	contents: Contents;
}

/**
 * Reads a JSON body as it streams by, in constant memory: the content of data URIs is hashed and counted, so that
 * documents of any size can be sent to the sandbox. It is kept only where a workflow is going to read it.
 *
 * The reader is in one of four places: outside of strings, at the beginning of a string that may become a data URI,
 * in any other string, or in the content of a document.
 */
export class BodyReader {
	private place: 'outside' | 'prefix' | 'string' | 'content' = 'outside';

	/** The JSON so far, with marks in place of the documents' contents. */
	private text = '';

	/** Unlike `Buffer.toString`, it repairs nothing. */
	private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

	/** Nobody outside can write it, so no text can pass for a document. */
	private readonly mark = `#${randomUUID()}#`;

	private unescaper = new Unescaper();

	private prefix = '';

	private document?: DocumentReader;

	private readonly documents: ReceivedDocument[] = [];

	private readonly contents = new Map<ReceivedDocument, Buffer>();

	private room?: number;

	/** @param readsDocuments whether the workflow of this ID needs the contents of documents */
	constructor(private readonly readsDocuments: (workflowId: string) => boolean) {}

	/** @throws an error that says what is not JSON, base64 or UTF-8 */
	push(chunk: Buffer): void {
		const read = {
			outside: () => this.readOutside(chunk, position),
			prefix: () => this.readPrefix(chunk, position),
			string: () => this.readString(chunk, position),
			content: () => this.readContent(chunk, position),
		};
		let position = 0;
		while (position < chunk.length) position = read[this.place]();
	}

	/** @throws an error that says what is not JSON or UTF-8 */
	end(): ReadBody {
		this.text += this.utf8.decode();
		const json: unknown = JSON.parse(this.text, (key, value: unknown) => {
			if (key.includes(this.mark)) throw new SyntaxError('a document is used as a key');
			const index = typeof value === 'string' ? value.split(this.mark)[1] : undefined;
			return index === undefined ? value : this.documents[Number(index)];
		});
		return { json, repeatedKey: repeatedKey(this.text), contents: this.contents };
	}

	private readOutside(chunk: Buffer, start: number): number {
		const quote = chunk.indexOf(QUOTE, start);
		if (quote === -1) return this.copy(chunk, start, chunk.length);
		this.place = 'prefix';
		this.prefix = '';
		this.unescaper = new Unescaper();
		return this.copy(chunk, start, quote + 1);
	}

	private readPrefix(chunk: Buffer, start: number): number {
		for (let position = start; position < chunk.length; position++) {
			const byte = chunk[position] as number;
			const isEnd = byte === QUOTE && !this.unescaper.isInEscape;
			if (isEnd || this.prefix.length > LONGEST_PREFIX) {
				this.place = 'string';
				return this.copy(chunk, start, position);
			}
			this.prefix += this.unescaper.push(byte);
			const mediaType = this.prefix.endsWith(',') ? DATA_URI.exec(this.prefix)?.[1] : undefined;
			if (mediaType !== undefined && !this.unescaper.isInEscape) {
				this.copy(chunk, start, position + 1);
				this.document = new DocumentReader(mediaType, this.roomForContent());
				this.place = 'content';
				return position + 1;
			}
		}
		return this.copy(chunk, start, chunk.length);
	}

	private readString(chunk: Buffer, start: number): number {
		for (let position = start; position < chunk.length; position++) {
			const byte = chunk[position] as number;
			if (this.unescaper.isInEscape || byte === BACKSLASH) this.unescaper.push(byte);
			else if (byte === QUOTE) {
				this.place = 'outside';
				return this.copy(chunk, start, position + 1);
			}
		}
		return this.copy(chunk, start, chunk.length);
	}

	private readContent(chunk: Buffer, start: number): number {
		// No escape with a quote belongs to base64, so that the next quote is the end in any case.
		const quote = chunk.indexOf(QUOTE, start);
		const slice = chunk.subarray(start, quote === -1 ? chunk.length : quote);
		this.document?.push(this.unescape(slice));
		if (quote === -1) return chunk.length;
		this.endDocument();
		this.place = 'outside';
		return quote + 1;
	}

	private endDocument(): void {
		if (this.document === undefined || this.unescaper.isInEscape)
			throw new SyntaxError('a document ends within an escape');
		const { document, content } = this.document.end();
		this.text += `${this.mark}${this.documents.length}"`;
		this.documents.push(document);
		if (content === undefined) return;
		this.contents.set(document, content);
		this.room = this.roomForContent() - content.length;
	}

	/** Escapes are rare in base64: what has none is taken as it is. */
	private unescape(slice: Buffer): string {
		if (!this.unescaper.isInEscape && !slice.includes(BACKSLASH)) return slice.toString('latin1');
		return Array.from(slice, (byte) => this.unescaper.push(byte)).join('');
	}

	/** A body that does not begin with its workflow may be one for a workflow that reads. */
	private roomForContent(): number {
		const workflowId = WORKFLOW_FIRST.exec(this.text)?.[1];
		this.room ??= workflowId === undefined || this.readsDocuments(workflowId) ? KEPT_BYTES : -1;
		return this.room;
	}

	private copy(chunk: Buffer, start: number, end: number): number {
		this.text += this.utf8.decode(chunk.subarray(start, end), { stream: true });
		return end;
	}
}
