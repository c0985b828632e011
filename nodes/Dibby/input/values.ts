import { jsonParse, validateFieldType } from 'n8n-workflow';

import { shorten } from '../errors';
import { escapeLoneSurrogates, kindOf, toJson, UnsendableValue } from './json';

/** The types that a field can have beside Binary Data, with the names that n8n's editor shows for them. */
export const VALUE_TYPES = {
	string: 'String',
	number: 'Number',
	boolean: 'Boolean',
	array: 'Array',
	object: 'Object',
} as const;

type ValueType = keyof typeof VALUE_TYPES;

export function isValueType(type: string): type is ValueType {
	return Object.hasOwn(VALUE_TYPES, type);
}

/**
 * Turns a field's value into JSON text of the field's type, converting as n8n's Edit Fields does
 * (numbers and lists written as text, objects into text), but never a value into another one.
 *
 * @throws UnsendableValue with the rest of a sentence that begins "The input … can't be sent: "
 */
export function fieldToJson(type: ValueType, value: unknown): string {
	if (value === null || value === undefined) {
		throw new UnsendableValue(`${withArticle(type)} is needed, but there is no value`);
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

/** A date stays one: as JSON it is a text already. */
function asText(value: unknown): unknown {
	if (kindOf(value) === 'date') return value;
	return typeof value === 'object' ? toJson(value) : String(value);
}

/** Text of a whole number that JavaScript can't hold exactly would arrive as another number. */
function asNumber(value: unknown): number {
	if (typeof value === 'number') return value;
	if (typeof value !== 'string' || value.trim() === '') throw misfit('number', value);
	const number = Number(value);
	if (Number.isNaN(number)) throw misfit('number', value);
	if (/^\s*[+-]?\d+\s*$/.test(value) && !Number.isSafeInteger(number)) {
		throw new UnsendableValue('it has more digits than a number keeps; send it as a String');
	}
	return number;
}

/** n8n would take an empty list or an empty text for false. */
function asBoolean(value: unknown): unknown {
	const isPlain = ['boolean', 'number', 'string'].includes(typeof value) && value !== '';
	const checked = validateFieldType('input', value, 'boolean');
	if (!isPlain || !checked.valid) throw misfit('boolean', value);
	return checked.newValue;
}

/** JSON text is sent as it is written, so that its numbers keep all their digits. */
function asCollection(type: 'array' | 'object', value: unknown): string {
	if (typeof value === 'string' && kindOf(jsonParse(value, { fallbackValue: null })) === type) {
		return escapeLoneSurrogates(value.trim());
	}
	const checked = validateFieldType('input', value, type);
	if (kindOf(value) === 'date' || !checked.valid) throw misfit(type, value);
	return toJson(checked.newValue);
}

function misfit(type: ValueType, value: unknown): UnsendableValue {
	return new UnsendableValue(`${withArticle(type)} is needed, but the value is ${describe(value)}`);
}

function describe(value: unknown): string {
	if (typeof value !== 'string') return withArticle(kindOf(value));
	if (value.trim() === '') return 'an empty text';
	return `the text "${shorten(value)}"`;
}

function withArticle(word: string): string {
	return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
