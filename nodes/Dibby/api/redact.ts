/** Maximum characters of a quote. A longer one is no help, and could contain what was sent. */
const MAX_QUOTE = 600;

/** Maximum characters of a text that a quote is made of. Document content in it may leave few of them. */
const MAX_SOURCE = 12_000;

/** An unbroken run of more than 40 characters, which may be document content or a secret. */
const LONG_RUN = /[^\s"'`<>(){}[\],:]{41,}/g;

/** A word or a short number within such a run. */
const WORD = /^(\p{Lu}?[\p{Ll}\p{M}]{1,30}|\p{Lu}{1,30}|[\p{Lo}\p{Lm}\p{M}]+|\d{1,6}|)$/u;

/** More than the longest escape of a character, such as `&#x000041;`. */
const MAX_ESCAPE = 12;

/** Recursion limit for hostile JSON. */
const MAX_DEPTH = 20;

/**
 * Makes text from a server safe to show. All such text passes through here before anybody sees it, in linear time.
 *
 * - The token is hidden in upper and lower case, with each special character as itself or escaped, and as base64, also
 *   of "Bearer …".
 * - In quotes, an unbroken run of more than 40 characters becomes […] unless it consists of words.
 */
export class Redactor {
	private readonly forms = new Set<string>();

	private secret?: RegExp;

	/** A cut text may end with this much of a token or of a long run. */
	private tail = 41;

	/** Hides a token from now on, in addition to earlier ones. */
	hide(token: string): void {
		if (token === '' || this.forms.has(token)) return;
		const base64 = [token, `Bearer ${token}`].map((text) => Buffer.from(text).toString('base64'));
		for (const form of [token, ...base64]) {
			this.forms.add(form);
			this.tail = Math.max(this.tail, form.length * MAX_ESCAPE);
		}
		const longestFirst = [...this.forms].sort((a, b) => b.length - a.length);
		this.secret = new RegExp(longestFirst.map(patternOf).join('|'), 'gi');
	}

	/** A complete ID, without the token. */
	id(text: string): string {
		return this.secret ? text.replace(this.secret, '[token]') : text;
	}

	/** A short quote on one line, without the token and without documents. */
	quote(text: string, max = MAX_QUOTE): string {
		const end = MAX_SOURCE + this.tail;
		const short = this.id(text.slice(0, end)).replace(LONG_RUN, (run) =>
			isWords(run) ? run : '[…]',
		);
		const shown = (text.length > end ? short.slice(0, -this.tail) : short)
			.replace(/\s+/g, ' ')
			.trim();
		if (shown.length <= max) return shown;
		// The cut may leave half of a surrogate pair at the end.
		return `${shown.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…`;
	}
}

/**
 * A regular expression for a token whose special characters may be escaped. A text fits in one way at most, because
 * expressions that try many ways take forever.
 */
function patternOf(token: string): string {
	return token.replace(/\\+|[^a-z\d]/gi, (special, at: number) => {
		const code = special.charCodeAt(0);
		const hex = code.toString(16).padStart(2, '0');
		const unicode = `\\u${hex.padStart(4, '0')}`;
		const bytes = [...Buffer.from(special.charAt(0))].map((byte) => `%${byte.toString(16)}`);
		const escapes = `${bytes.join('')}|\\${unicode}|\\\\u\\{0{0,4}${hex}\\}|\\\\x${hex}|&#x0{0,4}${hex};|&#0{0,4}${code};|&[a-z]{2,8};`;
		// Backslashes may be doubled, and another one may escape the next character.
		if (code === 0x5c) {
			const count = special.length;
			return `(?:${unicode}{${count},${2 * count + 1}}|(?:${escapes}){${count}})`;
		}
		return `(?:${at > 0 && token[at - 1] === '\\' ? '' : '\\\\?'}${unicode}|${escapes})`;
	});
}

function isWords(run: string): boolean {
	const parts = run.split(/[^\p{L}\p{M}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u);
	return parts.every((part) => WORD.test(part));
}

/** Quotes what the server says, as a sentence for a description; empty if it says nothing. */
export function quoteResponse(
	{ json, text }: { json: unknown; text: string },
	redact: Redactor,
): string {
	const messages = [...new Set(messagesIn(json))].join('; ');
	// A proxy's page and JSON without content tell the user nothing.
	const isEmpty = /^\s*(<|\{\s*\}|\[\s*\])/.test(text);
	const shown = redact.quote(messages !== '' || isEmpty ? messages : text);
	return shown === '' ? '' : `Dibby says: "${shown}". `;
}

/** Finds a server's error messages in all usual places, because Dibby doesn't document the format. */
function messagesIn(value: unknown, depth = 0): string[] {
	if (typeof value === 'string') return [value];
	if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return [];
	const inside = (part: unknown) => messagesIn(part, depth + 1);
	if (Array.isArray(value)) return value.flatMap(inside);
	const { message, error, errors, detail } = value as Record<string, unknown>;
	const isByField = typeof errors === 'object' && errors !== null && !Array.isArray(errors);
	const byField = ([field, part]: [string, unknown]) =>
		inside(part).map((text) => `${field}: ${text}`);
	const ofErrors = isByField ? Object.entries(errors).flatMap(byField) : errors;
	return [message, error, ofErrors, detail].flatMap(inside);
}
