import { jsonParse } from 'n8n-workflow';

/** The text is no base64 after all, or in a way that only the whole of it can tell. */
export class NotBase64Error extends Error {}

/** An escape in a JSON string whose end has not come yet. */
const UNFINISHED_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/;

const BASE64_THEN_PADDING = /^([A-Za-z0-9+/_-]*)(=*)$/;

/**
 * Decodes base64 out of a JSON string, piece by piece, and accepts of it what `standardBase64` accepts of the whole:
 * line breaks, missing padding and the URL alphabet. It also undoes the escapes of JSON, such as `\/` and `\u002b`.
 */
export class Base64Decoder {
	/** How many bytes were decoded. */
	bytes = 0;

	/** Characters that wait for more to come: up to three of base64, and an unfinished escape. */
	private waiting = '';

	/** How many of them are base64. */
	private kept = 0;

	private isPadded = false;

	/**
	 * @param raw the JSON string's next bytes, as they came
	 * @throws NotBase64Error
	 */
	decode(raw: Buffer): Buffer {
		const text = this.waiting + raw.toString('latin1');
		const whole = text.length - (text.length % 4);
		// Node.js leaves out what is no base64, so that less comes out then. It knows the URL alphabet.
		const decoded = Buffer.from(text.slice(0, whole), 'base64');
		if (this.isPadded || decoded.length !== (whole / 4) * 3) return this.repair(text);
		this.waiting = text.slice(whole);
		this.bytes += decoded.length;
		return decoded;
	}

	/**
	 * @returns the last bytes
	 * @throws NotBase64Error
	 */
	end(): Buffer {
		const decoded = this.repair(this.waiting);
		const rest = Buffer.from(this.waiting, 'base64');
		const isCut = this.waiting.includes('\\') || this.waiting.length % 4 === 1;
		this.bytes += rest.length;
		if (isCut || this.bytes === 0) throw new NotBase64Error('The base64 ends too early');
		return Buffer.concat([decoded, rest]);
	}

	private repair(text: string): Buffer {
		const unfinished = UNFINISHED_ESCAPE.exec(text)?.[0] ?? '';
		const bare = unescape(text.slice(0, text.length - unfinished.length)).replace(/\s+/g, '');
		const [, base64, padding] = BASE64_THEN_PADDING.exec(bare) ?? [];
		// What waits came before the padding, so that nothing may be added to it.
		const most = this.isPadded ? this.kept : Infinity;
		if (base64 === undefined || base64.length > most) throw new NotBase64Error('No base64');
		const whole = base64.length - (base64.length % 4);
		const decoded = Buffer.from(base64.slice(0, whole), 'base64');
		this.isPadded ||= padding !== '';
		this.kept = base64.length - whole;
		this.waiting = base64.slice(whole) + unfinished;
		this.bytes += decoded.length;
		return decoded;
	}
}

/** @returns a quote, which is no base64, for what can't be part of a JSON string */
function unescape(text: string): string {
	// In a JSON string, line breaks must be escaped; of anything beyond ASCII, the whole text's encoding decides.
	return /[^ -~]/.test(text) ? '"' : jsonParse(`"${text}"`, { fallbackValue: '"' });
}
