import { jsonParse } from 'n8n-workflow';

import { shorten } from '../errors';

/** The kind of a value, for messages: a JSON type, date, empty, or the name of a class. */
export function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'empty';
	if (Array.isArray(value)) return 'array';
	if (typeof value !== 'object') return typeof value;
	const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
	// n8n's expressions may come from another realm, with another `Object` and `Date`.
	if (prototype === null || Object.getPrototypeOf(prototype) === null) return 'object';
	const name = String(prototype.constructor?.name);
	// Expressions such as {{ $now }} return Luxon's DateTime.
	return ['Date', 'DateTime'].includes(name) ? 'date' : name;
}

export function isCollection(value: unknown): value is Record<string | number, unknown> {
	return typeof value === 'object' && ['array', 'object'].includes(kindOf(value));
}

/**
 * Converts a value to JSON. `JSON.stringify` alone would change values silently: NaN to null, a Map to {}.
 *
 * @param isLeftOut whether to omit a member, as undefined members are then; otherwise those are errors
 * @throws Error whose message completes "The input … can't be sent: ", or an error of `JSON.stringify`
 */
export function toJson(value: unknown, isLeftOut?: (member: unknown) => boolean): string {
	function check(this: Record<string, unknown>, key: string, member: unknown): unknown {
		// `member` is the result of toJSON(), for example of an invalid date.
		const original = this[key];
		// In a list, JSON.stringify would turn undefined into null.
		const isAbsent = original === undefined && !Array.isArray(this);
		if (isLeftOut && (isAbsent || isLeftOut(original))) return undefined;
		rejectUnsendable(original);
		return isLeftOut && Array.isArray(member) ? member.filter((one) => !isLeftOut(one)) : member;
	}
	return JSON.stringify(value, check);
}

function rejectUnsendable(value: unknown): void {
	if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
	if (typeof value === 'number' ? Number.isFinite(value) : isCollection(value)) return;
	const kind = kindOf(value);
	if (kind === 'date' && JSON.stringify(value) !== 'null') return;
	if (kind === 'date') throw new Error('it contains an invalid date');
	const name = typeof value === 'number' || value === undefined ? String(value) : kind;
	throw new Error(`it contains a value that JSON can't represent (${name})`);
}

/** Escapes lone surrogates in JSON text, as `JSON.stringify` does. UTF-8 would replace them. */
export function escapeLoneSurrogates(json: string): string {
	return json.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/** Converts a field's value, which may be written as text, to JSON of the field's type. Throws as `toJson` does. */
export function fieldToJson(type: string, value: unknown): string {
	if (value === null || value === undefined) throw misfit(type, value);
	if (type === 'string') return toJson(asText(value));
	if (type === 'number') return toJson(asNumber(value));
	if (type === 'boolean') return toJson(asBoolean(value));
	if (type === 'array' || type === 'object') return collectionToJson(type, value);
	throw new Error(`its type, "${type}", isn't supported`);
}

/** Text and dates stay as they are. */
function asText(value: unknown): unknown {
	if (isCollection(value)) return toJson(value);
	const isPlain = ['boolean', 'bigint'].includes(typeof value) || Number.isFinite(value);
	return isPlain ? String(value) : value;
}

function asNumber(value: unknown): number {
	if (typeof value === 'number') return value;
	const text = typeof value === 'string' ? value.trim() : '';
	// `Number` also understands other notations, such as 0x1F. The length is limited for the patterns below.
	const number = /^[\d.e+-]{1,400}$/i.test(text) ? Number(text) : NaN;
	if (Number.isNaN(number)) throw misfit('number', value);
	const digits = text.replace(/\D/g, '').replace(/^0+|0+$/g, '');
	// Up to 15 digits survive as a JavaScript number.
	if (digits.length <= 15 || String(number) === text) return number;
	throw new Error('it has too many digits for a number, so send it as a String');
}

function asBoolean(value: unknown): boolean {
	const text = typeof value === 'object' ? '' : String(value).trim().toLowerCase();
	if (['true', '1'].includes(text)) return true;
	if (['false', '0'].includes(text)) return false;
	throw misfit('boolean', value);
}

/** JSON text is sent as written, so that numbers keep all their digits. */
function collectionToJson(type: string, value: unknown): string {
	if (kindOf(value) === type) return toJson(value);
	if (typeof value !== 'string') throw misfit(type, value);
	// JSON has no NaN.
	const parsed = jsonParse<unknown>(value, { fallbackValue: NaN });
	if (kindOf(parsed) === type) return escapeLoneSurrogates(value.trim());
	const isInvalid = Number.isNaN(parsed) && value.trim() !== '';
	throw misfit(type, value, isInvalid ? ", which isn't valid JSON" : '');
}

function misfit(type: string, value: unknown, more = ''): Error {
	let found = value === null || value === undefined ? 'empty' : withArticle(kindOf(value));
	if (typeof value === 'string') found = `the text "${shorten(value)}"`;
	if (typeof value === 'string' && value.trim() === '') found = 'an empty text';
	return new Error(`it must be ${withArticle(type)}, but it's ${found}${more}`);
}

function withArticle(word: string): string {
	return `${/^[aeiou]/i.test(word) ? 'an' : 'a'} ${word}`;
}
