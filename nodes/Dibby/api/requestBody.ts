import { streamLike } from '../streams';
import type { Stream } from '../streams';
import type { DibbyDocument, N8nServices, RunRequest } from '../types';
import { FILE_CHANGED } from './networkFailure';

/**
 * Bytes encoded at a time. Divisible by 3, so that pieces of this size become base64 without a remainder.
 * Small enough that the memory of one piece serves the next: larger ones were slower and held more.
 */
const PIECE_BYTES = 3 * 16 * 1024;

/** Bytes read from n8n's storage at a time: each read costs more time than its bytes do. */
const READ_BYTES = 16 * PIECE_BYTES;

/** The spelling of the key that Dibby's JavaScript samples use, and the one of its reference. */
export type WorkflowKey = 'workflowId' | 'worfklowId';

/** The body of `POST /runs`, ready to be sent, once. */
export interface RequestBody {
	/** Everything at once where it is in memory anyway, else a stream of it. */
	content: Buffer | Stream;
	/** Exact size, in bytes. */
	bytes: number;
	/** Whether the end was not given to the socket yet. Half a body is no JSON, so nobody can have taken it. */
	isUnfinished: () => boolean;
	/** Closes the files. To be called however the request ended: n8n leaves them open when it is cancelled. */
	close: () => void;
}

/** A document in n8n's binary storage, whose base64 is not there yet. */
interface StoredFile {
	storageId: string;
	bytes: number;
}

type Part = string | StoredFile;

/**
 * The body in pieces: JSON text, and stored documents where their base64 goes.
 * Names and values are written one after the other and never collected in an object,
 * so that `__proto__` or a name with dots is a name like another.
 */
export function partsOf({ workflowId, inputs }: RunRequest, key: WorkflowKey): Part[] {
	const parts: Part[] = [`{${JSON.stringify(key)}:${JSON.stringify(workflowId)},"inputs":{`];
	inputs.forEach(({ name, value }, index) => {
		if (value === undefined) return;
		const text = 'members' in value ? value.members : `${JSON.stringify(name)}:`;
		parts.push(index > 0 ? `,${text}` : text);
		if ('json' in value) parts.push(value.json);
		else if ('document' in value) parts.push(...dataUri(value.document));
		else if ('documents' in value) {
			parts.push('[');
			value.documents.forEach((document, position) => {
				if (position > 0) parts.push(',');
				parts.push(...dataUri(document));
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

/** Base64 makes four characters of three bytes, and pads the rest. */
function partBytes(part: Part): number {
	return typeof part === 'string' ? Buffer.byteLength(part) : 4 * Math.ceil(part.bytes / 3);
}

/**
 * Makes the request's body. Documents in n8n's binary storage are read and encoded chunk by chunk while the
 * socket takes them; nothing holds a whole one.
 *
 * @throws Error (or later, from the stream) when a file is gone or has another size than n8n said: the request breaks off
 */
export async function openBody(
	n8n: N8nServices,
	request: RunRequest,
	key: WorkflowKey,
): Promise<RequestBody> {
	const parts = partsOf(request, key);
	const bytes = parts.reduce((sum, part) => sum + partBytes(part), 0);
	const first = parts.find((part) => typeof part !== 'string');
	if (first === undefined) {
		const texts = parts.filter((part) => typeof part === 'string');
		const content = Buffer.concat(texts.map((text) => Buffer.from(text)));
		return { content, bytes, isUnfinished: () => false, close: () => {} };
	}

	const open = new Set<Stream>();
	const openFile = async ({ storageId }: StoredFile) => {
		const file = await n8n.helpers.getBinaryStream(storageId, READ_BYTES).catch(() => {
			throw new Error(FILE_CHANGED);
		});
		// Whoever reads the file gets its error, also one from before; an error that nobody listens for ends a process.
		file.on('error', () => {});
		open.add(file);
		return file;
	};
	// Opened first, since a stream of its class is made of all.
	const firstFile = await openFile(first);
	let isUnfinished = true;
	async function* pieces() {
		for (const part of parts) {
			isUnfinished = part !== parts.at(-1);
			if (typeof part === 'string') yield Buffer.from(part);
			else yield* base64Of(part === first ? firstFile : await openFile(part), part.bytes);
		}
	}
	const content = streamLike(firstFile, pieces());
	const close = () => {
		for (const file of open) file.destroy();
		content.destroy();
	};
	return { content, bytes, isUnfinished: () => isUnfinished, close };
}

/** Streams may split chunks anywhere: what doesn't fill three bytes is carried over to the next chunk. */
async function* base64Of(
	file: AsyncIterable<Buffer>,
	expectedBytes: number,
): AsyncGenerator<Buffer> {
	let carried: Buffer = Buffer.alloc(0);
	let read = 0;
	for await (const chunk of file) {
		read += chunk.length;
		if (read > expectedBytes) break;
		const bytes = carried.length > 0 ? Buffer.concat([carried, chunk]) : chunk;
		const whole = bytes.length - (bytes.length % 3);
		carried = Buffer.from(bytes.subarray(whole));
		for (let start = 0; start < whole; start += PIECE_BYTES) {
			yield encode(bytes.subarray(start, Math.min(start + PIECE_BYTES, whole)));
		}
	}
	if (read !== expectedBytes) throw new Error(FILE_CHANGED);
	if (carried.length > 0) yield encode(carried);
}

function encode(bytes: Buffer): Buffer {
	return Buffer.from(bytes.toString('base64'), 'latin1');
}

/**
 * What was sent, for messages: names and kinds, and of documents media type and size, never a content.
 */
export function describeInputs({ inputs }: RunRequest): string {
	if (inputs.length === 0) return 'no inputs';
	const size = ({ mediaType, bytes }: DibbyDocument) => `${mediaType}, ${bytes} bytes`;
	return inputs
		.map(({ name, kind, value }) => {
			if (value === undefined || 'json' in value || 'members' in value) {
				return `${name} (${kind})`;
			}
			const documents = 'document' in value ? [value.document] : value.documents;
			return `${name} (${kind}: ${documents.map(size).join('; ')})`;
		})
		.join(', ');
}
