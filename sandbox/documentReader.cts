import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { ReceivedDocument } from './document.cts';

/** Decodes one document's base64 as it comes, and keeps of it no more than it may. */
export class DocumentReader {
	private readonly hash: Hash = createHash('sha256');

	private bytes = 0;

	/** The beginning of a group of four characters. */
	private carried = '';

	private padded = false;

	private kept: Buffer[] = [];

	/** @param room how many bytes may be kept; a larger document is not kept at all */
	constructor(
		private readonly mediaType: string,
		private readonly room: number,
	) {}

	/** @throws SyntaxError when it is not base64 */
	push(base64: string): void {
		const text = this.carried + base64;
		const whole = text.length - (text.length % 4);
		this.carried = text.slice(whole);
		if (whole > 0) this.decode(text.slice(0, whole));
	}

	/** @throws SyntaxError when the base64 ends too early */
	end(): { document: ReceivedDocument; content?: Buffer } {
		if (this.carried !== '') throw new SyntaxError('the base64 of a document is not padded');
		const document = new ReceivedDocument(this.mediaType, this.bytes, this.hash.digest('hex'));
		return this.bytes > this.room ? { document } : { document, content: Buffer.concat(this.kept) };
	}

	private decode(text: string): void {
		const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
		const decoded = Buffer.from(text, 'base64');
		// Node.js leaves out what is no base64, and takes some other characters too. Looking at each character
		// would take four times as long as all the rest.
		const isStrict =
			decoded.length === (text.length / 4) * 3 - padding && !/[-_\u0080-\uffff]/.test(text);
		if (!isStrict || this.padded) throw new SyntaxError('the base64 of a document is not valid');
		this.padded = padding > 0;
		this.hash.update(decoded);
		this.bytes += decoded.length;
		if (this.bytes > this.room) this.kept = [];
		else this.kept.push(decoded);
	}
}
