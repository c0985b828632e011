import { validateFieldType } from 'n8n-workflow';
import type { FieldType } from 'n8n-workflow';

import { kindOf, toJson, UnsendableValue } from './json';

/** Luxon's DateTime and JavaScript's Date, which expressions such as `{{ $now }}` give. */
interface DateLike {
	toJSON(): string | null;
}

/** The types a field can have beside Binary Data; the words are n8n's. */
export const VALUE_TYPES: readonly string[] = ['string', 'number', 'boolean', 'array', 'object'];

/**
 * Turns a field's value into JSON text of the field's type, converting as n8n's Edit Fields does
 * (numbers and lists written as text, objects into text), but never a value into another one.
 *
 * @param type one of VALUE_TYPES
 * @throws UnsendableValue with the rest of a sentence that begins "The input … can't be sent: "
 */
export function fieldToJson(type: string, value: unknown): string {
	if (value === null || value === undefined) {
		throw new UnsendableValue(`a ${type} is needed, and there is no value`);
	}
	if (type === 'string') return toJson(asText(value));
	if (type === 'number') return toJson(asNumber(value));
	const checked = validateFieldType('input', value, type as FieldType);
	if (!checked.valid) throw misfit(type, value);
	return toJson(checked.newValue);
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
