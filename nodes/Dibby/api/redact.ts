/** Maximum characters of a quote. A longer one is no help, and could contain what was sent. */
const MAX_QUOTE = 600;

/** Maximum characters of a text that a quote is made of. Document content in it may leave few of them. */
const MAX_SOURCE = 12_000;

/** Base64 characters in a row that are a document or a secret rather than a sentence. */
const LOOKS_LIKE_CONTENT = /(?:data:[^\s,"]{0,200},)?[A-Za-z0-9+/=_-]{80,}/g;

/** Recursion limit for hostile JSON. */
const MAX_DEPTH = 20;

/** Makes text from a server safe to show. All such text passes through here before anybody sees it. */
export class Redactor {
	private readonly forms = new Set<string>();

	private secret?: RegExp;

	/** Hides a token from now on, in addition to earlier ones. */
	hide(token: string): void {
		for (const form of formsOf(token)) this.forms.add(form);
		const longestFirst = [...this.forms].sort((a, b) => b.length - a.length);
		const escaped = longestFirst.map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
		// One pass for all forms, so that replacements aren't searched again.
		if (escaped.length > 0) this.secret = new RegExp(escaped.join('|'), 'g');
	}

	/** A complete ID, without the token. */
	id(text: string): string {
		return this.secret ? text.replace(this.secret, '[token]') : text;
	}

	/** A short quote on one line, without the token and without documents. */
	quote(text: string, max = MAX_QUOTE): string {
		const shown = this.id(text)
			.slice(0, MAX_SOURCE)
			.replace(LOOKS_LIKE_CONTENT, '[content]')
			.replace(/\s+/g, ' ')
			.trim();
		if (shown.length <= max) return shown;
		// The cut may leave half of a surrogate pair at the end.
		return `${shown.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…`;
	}
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

/** The token as servers and proxies write it in URLs, JSON, and headers. */
function formsOf(token: string): string[] {
	// Buffers and URLs can't hold half of a surrogate pair.
	const whole = Buffer.from(token).toString();
	const inJson = JSON.stringify(whole).slice(1, -1);
	const asciiJson = inJson.replace(
		/[^ -~]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	const json = [inJson, asciiJson].flatMap((form) => [form, form.replaceAll('/', '\\/')]);
	const base64 = [whole, `Bearer ${whole}`].map((text) => Buffer.from(text).toString('base64'));
	const forms = [token, ...json, encodeURIComponent(whole), ...base64];
	return token === '' ? [] : forms;
}
