/** Undoes the escapes in a JSON string that comes byte by byte: `\/` is `/`, and `\u002b` is `+`. */
export class Unescaper {
	private escape = '';

	/** True between the backslash and the end of an escape. */
	get isInEscape(): boolean {
		return this.escape !== '';
	}

	/**
	 * @returns the character that ends with this byte; nothing while an escape goes on
	 * @throws SyntaxError for an escape that JSON does not have
	 */
	push(byte: number): string {
		const character = String.fromCharCode(byte);
		if (this.escape === '' && character !== '\\') return character;
		this.escape += character;
		const length = this.escape.startsWith('\\u') ? 6 : 2;
		if (this.escape.length < length) return '';
		const whole = this.escape;
		this.escape = '';
		return JSON.parse(`"${whole}"`) as string;
	}
}
