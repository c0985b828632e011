/** Longer quotes help nobody, and could hold what was sent. */
const LONGEST_QUOTE = 600;

/** What is looked at to make a quote; much of it may vanish as content. */
const LONGEST_SOURCE = 12_000;

/** Base64 characters in a row that are a document or a secret, not a sentence. */
const LOOKS_LIKE_CONTENT = /(?:data:[^\s,"]{0,200},)?[A-Za-z0-9+/=_-]{80,}/g;

/** A shorter piece of base64 stands in too many places to tell that it is a part of the token. */
const SHORTEST_BASE64 = 8;

/** No error is deeper, and no depth can be too much for the code. */
const DEEPEST_WORDS = 20;

/** Makes text that came from a server fit to be shown. All such text passes here before anybody sees it. */
export class Redactor {
	private readonly forms = new Set<string>();

	private secret?: RegExp;

	/** Hides a token from now on, beside those before it. */
	hide(token: string): void {
		for (const form of formsOf(token)) this.forms.add(form);
		const longestFirst = [...this.forms].sort((a, b) => b.length - a.length);
		const escaped = longestFirst.map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
		// One pass over all forms: what was put in the place of one is not searched for another.
		if (escaped.length > 0) this.secret = new RegExp(escaped.join('|'), 'g');
	}

	/** An ID, whole, without the token. */
	id(text: string): string {
		return this.secret ? text.replace(this.secret, '[token]') : text;
	}

	/** A quote for a sentence: without the token, without documents, on one line, and short. */
	quote(text: string, longest = LONGEST_QUOTE): string {
		const shown = this.id(text)
			.slice(0, LONGEST_SOURCE)
			.replace(LOOKS_LIKE_CONTENT, '[content]')
			.replace(/\s+/g, ' ')
			.trim();
		if (shown.length <= longest) return shown;
		// Cutting may leave half a character at the end.
		return `${shown.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`;
	}
}

/** The server's words as a sentence of a description, made fit to be shown; empty when it said nothing. */
export function quoteAnswer(
	{ json, text }: { json: unknown; text: string },
	redact: Redactor,
): string {
	const words = [...new Set(wordsIn(json))].join('; ');
	// A proxy's page, or JSON without content, tells nobody anything.
	const saysNothing = /^\s*(<|\{\s*\}|\[\s*\])/.test(text);
	const shown = redact.quote(words !== '' || saysNothing ? words : text);
	return shown === '' ? '' : `Dibby says: "${shown}". `;
}

/** What a server says about an error, wherever it says it: the error's shape is not documented. */
function wordsIn(value: unknown, depth = 0): string[] {
	if (typeof value === 'string') return [value];
	if (typeof value !== 'object' || value === null || depth === DEEPEST_WORDS) return [];
	const inside = (part: unknown) => wordsIn(part, depth + 1);
	if (Array.isArray(value)) return value.flatMap(inside);
	const { message, error, errors, detail } = value as Record<string, unknown>;
	const isByField = typeof errors === 'object' && errors !== null && !Array.isArray(errors);
	const byField = ([field, part]: [string, unknown]) =>
		inside(part).map((words) => `${field}: ${words}`);
	const ofErrors = isByField ? Object.entries(errors).flatMap(byField) : errors;
	return [message, error, ofErrors, detail].flatMap(inside);
}

/** The token as it is, and as servers and proxies write it into addresses, JSON and headers. */
function formsOf(token: string): string[] {
	// Buffers and addresses hold no half characters.
	const whole = Buffer.from(token).toString();
	const inJson = JSON.stringify(whole).slice(1, -1);
	const asciiJson = inJson.replace(
		/[^ -~]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	const json = [inJson, asciiJson].flatMap((form) => [form, form.replaceAll('/', '\\/')]);
	const base64 = [whole, `Bearer ${whole}`].map((text) => Buffer.from(text).toString('base64'));
	const pieces = [0, 1, 2].map((offset) => base64Piece(whole, offset));
	const inBase64 = [...base64, ...base64.map((form) => form.replace(/=+$/, '')), ...pieces].flatMap(
		(form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')],
	);
	const forms = [token, ...json, encodeURIComponent(whole), ...inBase64];
	return token === '' ? [] : forms.filter((form) => form !== '');
}

/**
 * What is the same in the base64 of every text that holds the token at a place of this offset, in groups of three
 * bytes: the characters at both ends also depend on what stands beside the token.
 *
 * @returns empty where it would be so short that it stands in many other texts
 */
function base64Piece(token: string, offset: number): string {
	const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(token)]);
	const [first, end] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
	const piece = bytes.toString('base64').slice(first, end);
	return piece.length < SHORTEST_BASE64 ? '' : piece;
}
