import { createHash } from 'node:crypto';

/** The largest content that is kept, for workflows that read their documents. */
const MAX_KEPT_BYTES = 1024 * 1024;

const DATA_URI = /^data:([^,"]{0,300});base64,/;

/** A document that the sandbox received. As JSON it has three fields; its content is not part of it. */
export class ReceivedDocument {
	readonly mediaType: string;
	readonly bytes: number;
	readonly sha256: string;
	readonly #content: Buffer | undefined;

	/** @throws {SyntaxError} if it isn't strict base64 */
	constructor(mediaType: string, base64: string) {
		const content = Buffer.from(base64, 'base64');
		// Node.js ignores what isn't base64.
		if (content.toString('base64') !== base64) throw new SyntaxError('a document is not base64');
		this.mediaType = mediaType;
		this.bytes = content.length;
		this.sha256 = createHash('sha256').update(content).digest('hex');
		if (this.bytes <= MAX_KEPT_BYTES) this.#content = content;
	}

	/** @throws {Error} if the document is too large to be kept */
	content(): Buffer {
		if (this.#content === undefined) throw new Error('The document is too large to be read');
		return this.#content;
	}
}

/**
 * Puts a `ReceivedDocument` in the place of each data URI, at any depth.
 *
 * @throws {SyntaxError} if one isn't strict base64
 */
export function receiveDocuments(json: unknown): unknown {
	const root = { json };
	const open: object[] = [root];
	for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
		for (const [key, value] of Object.entries(holder) as Array<[string, unknown]>) {
			if (typeof value === 'object' && value !== null) open.push(value);
			if (typeof value !== 'string') continue;
			const [prefix, mediaType] = DATA_URI.exec(value) ?? [];
			if (prefix === undefined || mediaType === undefined) continue;
			const document = new ReceivedDocument(mediaType, value.slice(prefix.length));
			// Assigning to `__proto__` would change the object's prototype instead.
			Object.defineProperty(holder, key, { value: document, enumerable: true });
		}
	}
	return root.json;
}
