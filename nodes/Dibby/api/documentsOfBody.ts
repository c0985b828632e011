import { randomBytes } from 'crypto';
import { jsonParse } from 'n8n-workflow';
import type { IBinaryData } from 'n8n-workflow';

import { dataUriOf, MOST_FILES } from '../output/dataUri';
import type { StoredDocuments } from '../output/storedDocuments';
import type { Stream } from '../streams';
import { Base64Decoder, NotBase64Error } from './base64Decoder';
import type { BodyReader } from './bodyReader';
import { TooLargeError } from './boundedText';
import type { BoundedText } from './boundedText';
import { JsonPlace } from './jsonPlace';

const QUOTE = 0x22;
const DATA = Buffer.from('data:');
const BASE64 = ';base64,';

/** A shorter document is left to the text: it costs little there, and what it is need not be found out while it comes. */
const SHORTEST_STREAMED_BYTES = 16 * 1024;

/**
 * Reads a run's JSON text and hands each long document in it to n8n's storage while it comes, so that nothing holds a
 * whole one, and a slow storage slows the server.
 *
 * @param text gets the text with placeholders instead of those documents
 * @param toStream makes a stream that n8n's storage can read
 * @param brokenOff rejects when nothing more is to be done
 * @throws NotBase64Error when something only looked like a document, TooLargeError, and Error of n8n's storage
 */
export async function storeDocumentsOf(
	body: BodyReader,
	text: BoundedText,
	documents: StoredDocuments,
	toStream: (pieces: AsyncIterable<Buffer>) => Stream,
	brokenOff: Promise<never>,
): Promise<void> {
	const place = new JsonPlace();
	let found = 0;
	while (await body.fill(1)) {
		const { bytes, isDocumentPossible } = place.read(body.rest);
		text.add(body.take(bytes));
		if (!isDocumentPossible) continue;
		await body.fill(DATA.length);
		if (!body.rest.subarray(0, DATA.length).equals(DATA)) continue;
		found++;
		await body.fill(SHORTEST_STREAMED_BYTES);
		const start = documentStart(body.rest.subarray(0, SHORTEST_STREAMED_BYTES));
		if (start === undefined || found > MOST_FILES) continue;
		text.add(body.take(start.rawBytes));
		// Letters and digits of base64.
		const placeholder = randomBytes(48).toString('hex');
		const { mediaType } = start;
		const toStorage = async (pieces: AsyncIterable<Buffer>) => {
			const content = toStream(pieces);
			const storing = documents.store(content, mediaType, place.path());
			return await Promise.race([storing, brokenOff]).finally(() => content.destroy());
		};
		const stored = await store(body, text, documents, toStorage);
		text.add(Buffer.from(placeholder));
		documents.remember(start.prefix + placeholder, { ...stored, mediaType });
	}
}

/** @returns undefined for a text that is no document, and for one that is short */
function documentStart(text: Buffer) {
	if (text.length < SHORTEST_STREAMED_BYTES || text.includes(QUOTE)) return undefined;
	const end = text.indexOf(BASE64);
	const raw = end < 0 ? '' : text.toString('latin1', 0, end + BASE64.length);
	const prefix = /[^ -~]/.test(raw) ? '' : jsonParse(`"${raw}"`, { fallbackValue: '' });
	const uri = dataUriOf(prefix);
	return uri?.prefix === prefix ? { ...uri, rawBytes: raw.length } : undefined;
}

async function store(
	body: BodyReader,
	text: BoundedText,
	documents: StoredDocuments,
	toStorage: (pieces: AsyncIterable<Buffer>) => Promise<IBinaryData>,
) {
	const decoder = new Base64Decoder();
	let isWhole = false;
	async function* content() {
		for await (const piece of piecesOf(body, decoder)) {
			if (text.exceedsWith(decoder.bytes) && (await documents.areInMemory())) {
				throw new TooLargeError('The answer is too large');
			}
			yield piece;
		}
		isWhole = true;
	}
	const file = await toStorage(content());
	if (!isWhole) throw new Error('n8n did not take the whole document');
	if (file.id === undefined) text.count(decoder.bytes);
	return { file, bytes: decoder.bytes };
}

/** Reads up to the document's closing quote, which is left to the JSON around it. */
async function* piecesOf(body: BodyReader, decoder: Base64Decoder): AsyncGenerator<Buffer> {
	while (await body.fill(1)) {
		const end = body.rest.indexOf(QUOTE);
		const piece = decoder.decode(body.take(end < 0 ? body.rest.length : end));
		if (piece.length > 0) yield piece;
		if (end < 0) continue;
		const last = decoder.end();
		if (last.length > 0) yield last;
		return;
	}
	throw new NotBase64Error('The answer ended in a document');
}
