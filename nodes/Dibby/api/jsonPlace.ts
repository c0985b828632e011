import { jsonParse } from 'n8n-workflow';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The "d" of `data:`. */
const FIRST_OF_DATA = 0x64;

/** Nobody nests documents deeper; what is deeper is only text. */
const DEEPEST = 1_000;

/** Longer than any status, and than what of a key goes into a file's name. */
const LONGEST_WORD = 128;

/**
 * Knows where in a run's JSON text the reading is, as far as it has to be known to find documents: the values in
 * `output`, while nothing says that the run is not finished. Text that is no JSON leads nowhere: who parses it finds out.
 */
export class JsonPlace {
	private depth = 0;

	private isKeyNext = false;

	private isInString = false;

	/** For each open bracket: in an object, the key of what is read; in a list, its place. */
	private readonly keys: Array<string | number> = [];

	/** Whether the string that is read is a key, a value of the run itself, or anything else. */
	private role: 'key' | 'word' | 'other' = 'other';

	private word = '';

	private status = 'FINISHED';

	private isEscaped = false;

	/**
	 * Reads on until a value begins that may be a document.
	 *
	 * @returns how many bytes were read: up to behind that value's opening quote, or all
	 */
	read(text: Buffer): { bytes: number; isDocumentPossible: boolean } {
		for (let at = 0; at < text.length; at++) {
			if (this.isInString) at = this.readString(text, at);
			else if (text[at] === QUOTE) {
				const isKey = this.isKeyNext;
				this.beginString(isKey);
				const isOther = (text[at + 1] ?? FIRST_OF_DATA) !== FIRST_OF_DATA;
				if (!isKey && !isOther && this.isInOutput()) {
					return { bytes: at + 1, isDocumentPossible: true };
				}
			} else this.readPunctuation(text[at]);
		}
		return { bytes: text.length, isDocumentPossible: false };
	}

	private readPunctuation(byte: number | undefined): void {
		switch (byte) {
			case OPEN_OBJECT:
			case OPEN_LIST:
				this.isKeyNext = byte === OPEN_OBJECT;
				if (this.depth < DEEPEST) this.keys[this.depth] = this.isKeyNext ? '' : 0;
				this.depth++;
				break;
			case CLOSE_OBJECT:
			case CLOSE_LIST:
				this.depth--;
				this.isKeyNext = false;
				break;
			case COMMA: {
				const place = this.keys[this.depth - 1];
				this.isKeyNext = typeof place === 'string';
				if (typeof place === 'number') this.keys[this.depth - 1] = place + 1;
				break;
			}
			case COLON:
				this.isKeyNext = false;
		}
	}

	private beginString(isKey: boolean): void {
		this.isInString = true;
		this.isEscaped = false;
		this.word = '';
		this.role = isKey ? 'key' : this.depth === 1 ? 'word' : 'other';
	}

	/** @returns the place of the closing quote, or the text's end */
	private readString(text: Buffer, start: number): number {
		let end = text.indexOf(QUOTE, start);
		while (end >= 0 && this.isEscapedAt(text, start, end)) end = text.indexOf(QUOTE, end + 1);
		const stop = end < 0 ? text.length : end;
		if (this.role !== 'other' && this.word.length < LONGEST_WORD) {
			this.word += text.toString('latin1', start, Math.min(stop, start + LONGEST_WORD));
		}
		if (end < 0) this.isEscaped = this.isEscapedAt(text, start, stop);
		else this.endString();
		return stop;
	}

	/** A character is escaped behind an odd number of backslashes; some may have come with the text before. */
	private isEscapedAt(text: Buffer, start: number, at: number): boolean {
		let first = at;
		while (first > start && text[first - 1] === BACKSLASH) first--;
		const isOdd = (at - first) % 2 === 1;
		return first === start && this.isEscaped ? !isOdd : isOdd;
	}

	private endString(): void {
		this.isInString = false;
		if (this.role === 'key' && this.depth <= DEEPEST) this.keys[this.depth - 1] = this.word;
		if (this.role === 'word' && this.keys[0] === 'status') this.status = this.word;
	}

	private isInOutput(): boolean {
		const isOpen = this.depth >= 1 && this.depth <= DEEPEST;
		return isOpen && this.keys[0] === 'output' && this.status === 'FINISHED';
	}

	/** The keys on the way to what is read. A very long one is cut. */
	path(): string[] {
		return this.keys.slice(0, this.depth).map((key) => {
			const text = Buffer.from(String(key), 'latin1').toString();
			return jsonParse(`"${text}"`, { fallbackValue: text });
		});
	}
}
