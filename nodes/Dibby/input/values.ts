import { jsonParse, validateFieldType } from 'n8n-workflow';

import { shorten } from '../errors';

/** The types of an input field other than Binary Data, with their names in n8n's editor. */
export const VALUE_TYPES = {
	string: 'String',
	number: 'Number',
	boolean: 'Boolean',
	array: 'Array',
	object: 'Object',
} as const;

type ValueType = keyof typeof VALUE_TYPES;

/** A value that can't be sent unchanged. The message completes "The input … can't be sent: ". */
export class UnsendableValue extends Error {}

/** Half of a surrogate pair, left over when a text was cut. UTF-8 can't encode it, but JSON can escape it. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function isValueType(type: string): type is ValueType {
	return Object.hasOwn(VALUE_TYPES, type);
}

/** The kind of a value, for messages: a JSON type, date, or empty. */
export function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'empty';
	if (Array.isArray(value)) return 'array';
	// Expressions such as {{ $now }} return Luxon's DateTime.
	const isDate = typeof value === 'object' && (value instanceof Date || 'isLuxonDateTime' in value);
	return isDate ? 'date' : typeof value;
}

/**
 * Converts a value to JSON, and rejects what `JSON.stringify` would change silently
 * (NaN becomes null, functions disappear, a Map becomes {}).
 *
 * @throws UnsendableValue with the reason
 */
export function toJson(value: unknown): string {
	const rejectSilentChanges = function (this: Record<string, unknown>, key: string, part: unknown) {
		const original = this[key];
		if (typeof part === 'number' && !Number.isFinite(part)) {
			throw new UnsendableValue(`it contains ${part}, which isn't a valid JSON number`);
		}
		// Some packages add a toJSON method to bigint.
		const kind = typeof original === 'bigint' ? 'bigint' : typeof part;
		if (kind === 'function' || kind === 'symbol' || kind === 'bigint') {
			throw new UnsendableValue(`it contains a ${kind}`);
		}
		if (part === undefined && (key === '' || Array.isArray(this))) {
			throw new UnsendableValue('it contains an empty value');
		}
		if (part === null && original !== null && original !== undefined) {
			throw new UnsendableValue('it contains an invalid date');
		}
		if (part instanceof Map || part instanceof Set) {
			throw new UnsendableValue('it contains a Map or a Set');
		}
		return part;
	};
	try {
		return JSON.stringify(value, rejectSilentChanges);
	} catch (error) {
		return rethrow(error);
	}
}

function rethrow(error: unknown): never {
	if (error instanceof UnsendableValue) throw error;
	if (error instanceof RangeError) {
		throw new UnsendableValue('it is nested too deeply or too large');
	}
	throw new UnsendableValue('it contains itself');
}

/** Escapes lone surrogates in JSON text, as `JSON.stringify` does. UTF-8 would replace them. */
export function escapeLoneSurrogates(json: string): string {
	return json.replace(LONE_SURROGATE, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/**
 * Converts a field's value to JSON of the field's type. Numbers, booleans, lists and objects may be written as text.
 *
 * @throws UnsendableValue with the reason
 */
export function fieldToJson(type: ValueType, value: unknown): string {
	if (value === null || value === undefined) {
		throw new UnsendableValue(`it must be ${withArticle(type)}, but it's empty`);
	}
	switch (type) {
		case 'string':
			return toJson(asText(value));
		case 'number':
			return toJson(asNumber(value));
		case 'boolean':
			return toJson(asBoolean(value));
		case 'array':
		case 'object':
			return asCollection(type, value);
	}
}

/** Dates stay dates, because JSON writes them as text anyway. */
function asText(value: unknown): unknown {
	if (kindOf(value) === 'date') return value;
	return typeof value === 'object' ? toJson(value) : String(value);
}

function asNumber(value: unknown): number {
	if (typeof value === 'number') return value;
	if (typeof value !== 'string' || value.trim() === '') throw misfit('number', value);
	const number = Number(value);
	if (Number.isNaN(number)) throw misfit('number', value);
	if (/^\s*[+-]?\d+\s*$/.test(value) && !Number.isSafeInteger(number)) {
		throw new UnsendableValue('it has too many digits for a number, so send it as a String');
	}
	return number;
}

/** n8n would convert an empty list or an empty text to false. */
function asBoolean(value: unknown): unknown {
	const isPlain = ['boolean', 'number', 'string'].includes(typeof value) && value !== '';
	const checked = validateFieldType('input', value, 'boolean');
	if (!isPlain || !checked.valid) throw misfit('boolean', value);
	return checked.newValue;
}

/** JSON text is sent as written, so that numbers keep all their digits. */
function asCollection(type: 'array' | 'object', value: unknown): string {
	if (typeof value === 'string' && kindOf(jsonParse(value, { fallbackValue: null })) === type) {
		return escapeLoneSurrogates(value.trim());
	}
	const checked = validateFieldType('input', value, type);
	if (kindOf(value) === 'date' || !checked.valid) throw misfit(type, value);
	return toJson(checked.newValue);
}

function misfit(type: ValueType, value: unknown): UnsendableValue {
	return new UnsendableValue(`it must be ${withArticle(type)}, but it's ${describe(value)}`);
}

function describe(value: unknown): string {
	if (typeof value !== 'string') return withArticle(kindOf(value));
	if (value.trim() === '') return 'an empty text';
	return `the text "${shorten(value)}"`;
}

function withArticle(word: string): string {
	return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
