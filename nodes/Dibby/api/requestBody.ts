import { listNames, shorten } from '../errors';
import { streamLike } from '../streams';
import type { Stream } from '../streams';
import type { DibbyDocument, N8nServices, RunRequest } from '../types';
import { FILE_CHANGED } from './networkFailure';

/** Bytes encoded at a time. A multiple of 3, as base64 needs. Larger pieces are slower and take more memory. */
const PIECE_BYTES = 3 * 16 * 1024;

/** Bytes read at a time. Many small reads are slow. */
const READ_BYTES = 16 * PIECE_BYTES;

/** Dibby's JavaScript samples spell the key in the first way, its reference in the second. */
export type WorkflowKey = 'workflowId' | 'worfklowId';

/** The body of `POST /runs`. It can be sent once. */
export interface RequestBody {
	/** A stream if n8n has stored some of the documents. */
	content: Buffer | Stream;
	/** Exact size, in bytes. */
	bytes: number;
	/** Whether the socket hasn't received the end yet. Dibby can't accept a run before that. */
	isUnfinished: () => boolean;
	/** Closes the files. Must be called after the request, whatever its outcome: n8n doesn't close them itself. */
	close: () => void;
}

/** JSON text, or a document in n8n's binary storage whose base64 goes there. */
type Part = string | { storageId: string; bytes: number };

/** The body in parts. No object is built, because an input can have any name, even `__proto__`. */
export function partsOf({ workflowId, inputs }: RunRequest, key: WorkflowKey): Part[] {
	const parts: Part[] = [`{${JSON.stringify(key)}:${JSON.stringify(workflowId)},"inputs":{`];
	inputs.forEach(({ name, value }, index) => {
		if (value === undefined) return;
		const text = 'members' in value ? value.members : `${JSON.stringify(name)}:`;
		parts.push(index > 0 ? `,${text}` : text);
		if ('json' in value) parts.push(value.json);
		else if ('document' in value) parts.push(...dataUri(value.document));
		else if ('documents' in value) {
			value.documents.forEach((document, position) => {
				parts.push(position === 0 ? '[' : ',', ...dataUri(document));
			});
			parts.push(']');
		}
	});
	parts.push('}}');
	return parts;
}

function dataUri({ mediaType, bytes, content }: DibbyDocument): Part[] {
	const inside = 'base64' in content ? content.base64 : { storageId: content.storageId, bytes };
	return [`"data:${mediaType};base64,`, inside, '"'];
}

function sizeOf(part: Part): number {
	return typeof part === 'string' ? Buffer.byteLength(part) : 4 * Math.ceil(part.bytes / 3);
}

/**
 * Creates the request's body. Stored documents are read and encoded while they are sent. The error FILE_CHANGED, here
 * or in the stream, means that n8n no longer has a file or its size has changed.
 */
export async function openBody(
	n8n: N8nServices,
	request: RunRequest,
	key: WorkflowKey,
): Promise<RequestBody> {
	const parts = partsOf(request, key);
	const bytes = parts.reduce((sum, part) => sum + sizeOf(part), 0);
	const first = parts.find((part) => typeof part !== 'string');
	if (first === undefined) {
		const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
		return { content, bytes, isUnfinished: () => false, close: () => {} };
	}

	const open: Stream[] = [];
	const openFile = async (storageId: string) => {
		const file = await n8n.helpers.getBinaryStream(storageId, READ_BYTES).catch(() => {
			throw new Error(FILE_CHANGED);
		});
		// The reader gets the error too, and only the message survives the wrapping by axios and n8n. Without a listener,
		// it would end the process.
		file.on('error', (error: Error) => {
			n8n.logger.debug(`Dibby: n8n's storage failed: ${error.message}`);
			error.message = FILE_CHANGED;
		});
		open.push(file);
		return file;
	};
	// Opened first, because the body's stream is created from its class.
	const firstFile = await openFile(first.storageId);
	let isUnfinished = true;
	async function* pieces() {
		for (const part of parts) {
			isUnfinished = part !== parts.at(-1);
			if (typeof part === 'string') {
				yield Buffer.from(part);
			} else {
				const file = part === first ? firstFile : await openFile(part.storageId);
				yield* base64Of(file, part.bytes);
			}
		}
	}
	const content = streamLike(firstFile, pieces());
	const close = () => [...open, content].forEach((stream) => stream.destroy());
	return { content, bytes, isUnfinished: () => isUnfinished, close };
}

/** Streams may split chunks anywhere, so up to 2 bytes of a chunk are encoded with the next one. */
async function* base64Of(file: AsyncIterable<Buffer>, expectedBytes: number) {
	let rest: Buffer = Buffer.alloc(0);
	let read = 0;
	for await (const chunk of file) {
		read += chunk.length;
		if (read > expectedBytes) break;
		const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
		const end = bytes.length - (bytes.length % 3);
		rest = Buffer.from(bytes.subarray(end));
		for (let start = 0; start < end; start += PIECE_BYTES) {
			yield encode(bytes.subarray(start, Math.min(start + PIECE_BYTES, end)));
		}
	}
	if (read !== expectedBytes) throw new Error(FILE_CHANGED);
	if (rest.length > 0) yield encode(rest);
}

function encode(bytes: Buffer): Buffer {
	return Buffer.from(bytes.toString('base64'), 'latin1');
}

/** Describes what was sent, for messages: names and kinds, and media types and sizes of documents, never content. */
export function describeInputs({ inputs }: RunRequest): string {
	const describeDocument = ({ mediaType, bytes }: DibbyDocument) =>
		`${bytes} bytes of ${mediaType}`;
	const described = inputs.map(({ name, kind, value }) => {
		const shown = shorten(name);
		if (value === undefined || 'json' in value || 'members' in value) return `${shown} (${kind})`;
		const documents = 'document' in value ? [value.document] : value.documents;
		return `${shown} (${kind}: ${listNames(documents.map(describeDocument))})`;
	});
	return listNames(described) || 'no inputs';
}
