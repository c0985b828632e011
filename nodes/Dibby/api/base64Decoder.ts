import { jsonParse } from 'n8n-workflow';

/** An escape in a JSON string that isn't complete yet. */
const INCOMPLETE_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/;

const BASE64_THEN_PADDING = /^([A-Za-z0-9+/_-]*)(=*)$/;

/**
 * Decodes the base64 in a JSON string piece by piece. Accepts what `standardBase64` accepts as a whole (line breaks,
 * missing padding, the URL alphabet), also with JSON escapes such as `\/` and `\u002b`.
 */
export class Base64Decoder {
	/** Number of decoded bytes. */
	bytes = 0;

	/** Characters left for the next piece: less than four of base64, the first padding, and an incomplete escape. */
	private waiting = '';

	/**
	 * @param raw the next bytes of the JSON string
	 * @returns undefined if it isn't base64
	 */
	decode(raw: Buffer): Buffer | undefined {
		const text = this.waiting + raw.toString('latin1');
		const whole = text.length - (text.length % 4);
		// Node.js skips characters that aren't base64, so a shorter result reveals them. It accepts the URL alphabet.
		const decoded = Buffer.from(text.slice(0, whole), 'base64');
		if (decoded.length !== (whole / 4) * 3) return this.decodeCleaned(text);
		this.waiting = text.slice(whole);
		this.bytes += decoded.length;
		return decoded;
	}

	/** @returns the last bytes; undefined if the base64 is incomplete */
	end(): Buffer | undefined {
		const decoded = this.decodeCleaned(this.waiting);
		const base64 = this.waiting.replace('=', '');
		const last = Buffer.from(base64, 'base64');
		this.bytes += last.length;
		const isIncomplete = base64.includes('\\') || base64.length % 4 === 1;
		const isInvalid = decoded === undefined || isIncomplete || this.bytes === 0;
		return isInvalid ? undefined : Buffer.concat([decoded, last]);
	}

	private decodeCleaned(text: string): Buffer | undefined {
		const incomplete = INCOMPLETE_ESCAPE.exec(text)?.[0] ?? '';
		const plain = unescape(text.slice(0, text.length - incomplete.length)).replace(/\s+/g, '');
		const [, base64, padding] = BASE64_THEN_PADDING.exec(plain) ?? [];
		if (base64 === undefined || padding === undefined) return undefined;
		const whole = base64.length - (base64.length % 4);
		const decoded = Buffer.from(base64.slice(0, whole), 'base64');
		// Base64 after the padding makes the next piece invalid.
		this.waiting = base64.slice(whole) + padding.slice(0, 1) + incomplete;
		this.bytes += decoded.length;
		return decoded;
	}
}

/** @returns a quote, which isn't base64, if the text can't be part of a JSON string */
function unescape(text: string): string {
	return /[^ -~]/.test(text) ? '"' : jsonParse(`"${text}"`, { fallbackValue: '"' });
}
