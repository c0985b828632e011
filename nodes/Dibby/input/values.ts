import { jsonParse } from 'n8n-workflow';

import { shorten } from '../errors';
import { escapeLoneSurrogates, isCollection, kindOf, toJson, UnsendableValue } from './json';

/** The types of an input field other than Binary Data, with their names in n8n's editor. */
export const VALUE_TYPES = {
	string: 'String',
	number: 'Number',
	boolean: 'Boolean',
	array: 'Array',
	object: 'Object',
} as const;

type ValueType = keyof typeof VALUE_TYPES;

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** No number that is sent without rounding is longer. */
const MAX_NUMBER_LENGTH = 1_000;

export function isValueType(type: string): type is ValueType {
	return Object.hasOwn(VALUE_TYPES, type);
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

/** Text and dates stay as they are. */
function asText(value: unknown): unknown {
	if (isCollection(value)) return toJson(value);
	const isPlain = ['boolean', 'bigint'].includes(typeof value) || Number.isFinite(value);
	return isPlain ? String(value) : value;
}

function asNumber(value: unknown): number {
	if (typeof value === 'number') return value;
	const text = typeof value === 'string' ? value.trim() : '';
	if (text.length > MAX_NUMBER_LENGTH || !DECIMAL.test(text)) throw misfit('number', value);
	const number = Number(text);
	if (Number.isFinite(number) && decimalDigits(text) !== decimalDigits(String(number))) {
		throw new UnsendableValue('it has too many digits for a number, so send it as a String');
	}
	return number;
}

/** The significant digits of a number and their exponent: the same for 1.50e3 and 1500. */
function decimalDigits(number: string): string {
	const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
	const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
	const digits = (whole + fraction).replace(/^0+/, '');
	const significant = digits.replace(/0+$/, '');
	if (significant === '') return '0';
	return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function asBoolean(value: unknown): boolean {
	const isPlain = ['boolean', 'number', 'string'].includes(typeof value);
	const text = isPlain ? String(value).trim().toLowerCase() : '';
	if (['true', '1'].includes(text)) return true;
	if (['false', '0'].includes(text)) return false;
	throw misfit('boolean', value);
}

/** JSON text is sent as written, so that numbers keep all their digits. */
function asCollection(type: 'array' | 'object', value: unknown): string {
	if (typeof value !== 'string') {
		if (kindOf(value) !== type) throw misfit(type, value);
		return toJson(value);
	}
	// JSON has no NaN.
	const parsed = jsonParse<unknown>(value, { fallbackValue: NaN });
	if (kindOf(parsed) === type) return escapeLoneSurrogates(value.trim());
	const isInvalid = Number.isNaN(parsed) && value.trim() !== '';
	throw misfit(type, value, isInvalid ? ", which isn't valid JSON" : '');
}

function misfit(type: ValueType, value: unknown, more = ''): UnsendableValue {
	return new UnsendableValue(`it must be ${withArticle(type)}, but it's ${describe(value)}${more}`);
}

function describe(value: unknown): string {
	if (typeof value !== 'string') return withArticle(kindOf(value));
	if (value.trim() === '') return 'an empty text';
	return `the text "${shorten(value)}"`;
}

function withArticle(word: string): string {
	return `${/^[aeiou]/i.test(word) ? 'an' : 'a'} ${word}`;
}
