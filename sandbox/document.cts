import { createHash } from 'node:crypto';

/** The largest content that is kept, for workflows that read their documents. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** A document that the sandbox received. As JSON it has three fields; its content is not part of it. */
export class ReceivedDocument {
	readonly #content: Buffer | undefined;

	constructor(
		readonly mediaType: string,
		readonly bytes: number,
		readonly sha256: string,
		content?: Buffer,
	) {
		this.#content = content;
	}

	/** @throws {Error} if the document is too large to be kept */
	content(): Buffer {
		if (this.#content === undefined) throw new Error('The document is too large to be read');
		return this.#content;
	}
}

/** Decodes, counts, and hashes a document's base64 piece by piece. */
export class DocumentReader {
	private readonly hash = createHash('sha256');
	private bytes = 0;
	private kept: Buffer[] = [];
	private remainder = '';
	private isPadded = false;

	constructor(private readonly mediaType: string) {}

	/** @throws {SyntaxError} if it isn't strict base64 */
	push(base64: string): void {
		const text = this.remainder + base64;
		const whole = text.slice(0, text.length - (text.length % 4));
		this.remainder = text.slice(whole.length);
		if (whole === '') return;
		const padding = whole.endsWith('==') ? 2 : whole.endsWith('=') ? 1 : 0;
		const decoded = Buffer.from(whole, 'base64');
		// Node.js ignores what isn't base64, and accepts some other characters.
		const isStrict =
			decoded.length === (whole.length / 4) * 3 - padding && !/[-_\u0080-\uffff]/.test(whole);
		if (!isStrict || this.isPadded) throw new SyntaxError('a document is not valid base64');
		this.isPadded = padding > 0;
		this.hash.update(decoded);
		this.bytes += decoded.length;
		if (this.bytes > MAX_KEPT_BYTES) this.kept = [];
		else this.kept.push(decoded);
	}

	/** @throws {SyntaxError} if the base64 ends too early */
	end(): ReceivedDocument {
		if (this.remainder !== '') throw new SyntaxError('the base64 of a document is not padded');
		const content = this.bytes > MAX_KEPT_BYTES ? undefined : Buffer.concat(this.kept);
		return new ReceivedDocument(this.mediaType, this.bytes, this.hash.digest('hex'), content);
	}
}
