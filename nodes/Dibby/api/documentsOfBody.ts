import { jsonParse } from 'n8n-workflow';

import { dataUriOf, MAX_FILES } from '../dataUri';
import type { StoredDocuments } from './storedDocuments';
import { streamLike } from '../streams';
import { Base64Decoder } from './base64Decoder';
import type { BodyReader } from './bodyReader';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** In valid JSON, these bytes can only be the start of a string, unless a backslash comes before them. */
const START = Buffer.from('"data:');

/** Shorter documents stay in the text: they take little memory, and nobody has to validate them while reading. */
const MIN_STREAMED_BYTES = 16 * 1024;

/**
 * Collects the text of a run and stores each long document in it while it arrives. Memory stays constant, and a slow
 * storage slows the server down. A placeholder takes the document's place in the text.
 *
 * @param aborted rejects when nobody waits for the body anymore
 * @throws Error with `brokenBy` set in the body, or from n8n's storage
 */
export async function readWithDocuments(
	body: BodyReader,
	documents: StoredDocuments | 'skip',
	aborted: Promise<never>,
): Promise<void> {
	let found = 0;
	do {
		for (let at = nextStart(body.rest); at >= 0; at = nextStart(body.rest)) {
			body.addText(body.take(at + START.length));
			if (++found > MAX_FILES && documents !== 'skip') continue;
			const document = await readStart(body);
			if (document === undefined) continue;
			body.addText(body.take(document.rawBytes));
			if (documents === 'skip') await skip(body);
			else await store(body, documents, document, aborted);
		}
		// The rest may end in the middle of the next start, or with a backslash before it.
		body.addText(body.take(Math.max(0, body.rest.length - START.length)));
	} while (await body.more());
}

function nextStart(text: Buffer): number {
	let at = text.indexOf(START);
	while (at > 0 && text[at - 1] === BACKSLASH) at = text.indexOf(START, at + 1);
	return at;
}

/** @returns undefined if the string is short or isn't a document */
async function readStart(body: BodyReader) {
	const head = () => body.rest.subarray(0, MIN_STREAMED_BYTES);
	while (head().length < MIN_STREAMED_BYTES && !head().includes(QUOTE)) {
		if (!(await body.more())) return undefined;
	}
	if (head().includes(QUOTE)) return undefined;
	const [raw = '', content] = head().toString('latin1').split(';base64,', 2);
	const isAscii = content !== undefined && !/[^ -~]/.test(raw);
	const prefix = isAscii ? jsonParse(`"data:${raw};base64,"`, { fallbackValue: '' }) : '';
	const uri = dataUriOf(prefix);
	return uri?.prefix === prefix ? { ...uri, rawBytes: `${raw};base64,`.length } : undefined;
}

async function skip(body: BodyReader): Promise<void> {
	const pieces = decodedString(body, new Base64Decoder());
	while ((await pieces.next()).done !== true);
}

async function store(
	body: BodyReader,
	documents: StoredDocuments,
	{ prefix, mediaType }: { prefix: string; mediaType: string },
	aborted: Promise<never>,
): Promise<void> {
	const decoder = new Base64Decoder();
	let isComplete = false;
	async function* content() {
		yield* decodedString(body, decoder);
		isComplete = true;
	}
	const stream = streamLike(body.stream, content());
	const storing = documents.store(stream, mediaType);
	const file = await Promise.race([storing, aborted]).finally(() => stream.destroy());
	if (!isComplete) throw new Error("n8n's storage didn't read the whole document");
	// Without an ID, n8n keeps the file in memory.
	if (file.id === undefined) body.count(decoder.bytes);
	const placeholder = documents.add(prefix, { file, mediaType, bytes: decoder.bytes });
	body.addText(Buffer.from(placeholder));
}

/** Decodes a string up to its closing quote. */
async function* decodedString(body: BodyReader, decoder: Base64Decoder): AsyncGenerator<Buffer> {
	let end: number;
	do {
		end = body.rest.indexOf(QUOTE);
		const raw = body.take(end < 0 ? body.rest.length : end);
		const piece = decoder.decode(raw) ?? body.fail('notBase64');
		if (piece.length > 0) yield piece;
		if (end < 0 && !(await body.more())) body.fail('notBase64');
	} while (end < 0);
	const last = decoder.end() ?? body.fail('notBase64');
	if (last.length > 0) yield last;
}
