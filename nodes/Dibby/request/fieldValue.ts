import { validateFieldType } from 'n8n-workflow';

import { kindOf, toJson, UnsendableValue } from './json';

/** Luxon's DateTime and JavaScript's Date, which expressions such as `{{ $now }}` give. */
interface DateLike {
	toJSON(): string | null;
}

/** The types that a field can have beside Binary Data, with the names that n8n's editor shows for them. */
export const VALUE_TYPES = {
	string: 'String',
	number: 'Number',
	boolean: 'Boolean',
	array: 'Array',
	object: 'Object',
} as const;

export type ValueType = keyof typeof VALUE_TYPES;

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
		throw new UnsendableValue(`a ${type} is needed, and there is no value`);
	}
	switch (type) {
		case 'string':
			return toJson(asText(value));
		case 'number':
			return toJson(asNumber(value));
		case 'boolean':
		case 'array':
		case 'object':
			return toJson(asN8nConverts(type, value));
	}
}

function asN8nConverts(type: 'boolean' | 'array' | 'object', value: unknown): unknown {
	const checked = validateFieldType('input', value, type);
	if (!checked.valid) throw misfit(type, value);
	return checked.newValue;
}

function misfit(type: string, value: unknown): UnsendableValue {
	const article = /^[aeiou]/.test(type) ? 'an' : 'a';
	const given =
		value === ''
			? 'an empty text'
			: typeof value === 'string'
				? 'another text'
				: `of the type ${kindOf(value)}`;
	return new UnsendableValue(`${article} ${type} is needed, and the value is ${given}`);
}

function isDateLike(value: object): value is DateLike {
	return value instanceof Date || 'isLuxonDateTime' in value;
}

function asText(value: unknown): unknown {
	if (typeof value === 'object' && value !== null) {
		// JSON.stringify would put a date in quotes.
		return isDateLike(value) ? value : toJson(value);
	}
	return String(value);
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
