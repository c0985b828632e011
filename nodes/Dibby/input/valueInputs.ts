import type { IDataObject } from 'n8n-workflow';

import { inputError } from '../errors';
import { RUN_ID_FIELD } from '../types';
import type { RunInput } from '../types';
import { FILES_IN_JSON, isFile } from './files';
import type { InputItem } from './files';
import { escapeLoneSurrogates, kindOf, toJson, UnsendableValue } from './json';
import { fieldToJson, isValueType, VALUE_TYPES } from './values';

/** A row of the Inputs parameter. */
export interface FieldRow {
	name: string;
	type?: string;
	value: unknown;
}

/** Where values come from: rows, JSON (text or the value of an expression), or all fields of the item. */
export type ValueSource = { fields: FieldRow[] } | { json: unknown } | 'item';

/**
 * Reads the inputs that are values rather than documents.
 *
 * @throws DibbyError that names the input
 */
export function valueInputs(item: InputItem, source: ValueSource): RunInput[] {
	if (source === 'item') return itemInputs(item);
	if ('json' in source) return jsonInputs(source.json);
	return source.fields.filter(({ type }) => type !== 'binary').map(fieldInput);
}

function fieldInput({ name, type = 'string', value }: FieldRow): RunInput {
	checkName(name, "'Inputs'");
	if (!isValueType(type)) {
		throw inputError(
			`The input "${name}" has an unsupported type: "${type}"`,
			`Choose ${Object.values(VALUE_TYPES).join(', ')}, or Binary Data.`,
		);
	}
	return { name, kind: type, value: { json: sendable(name, () => fieldToJson(type, value)) } };
}

/** JSON text is sent as written, so that numbers keep all their digits. An expression's value is converted. */
function jsonInputs(given: unknown): RunInput[] {
	if (typeof given !== 'string') return objectInputs(given);
	let parsed: unknown;
	try {
		parsed = JSON.parse(given);
	} catch (error) {
		throw inputError(
			"'JSON' doesn't contain valid JSON",
			`${(error as Error).message}. Check commas, quotes, and brackets. To insert text from an expression, use {{ $json.name.toJsonString() }} without quotes around it.`,
		);
	}
	checkObject(parsed);
	const members = escapeLoneSurrogates(given.trim().slice(1, -1));
	return Object.keys(parsed).map((name, index) => {
		checkName(name, "'JSON'");
		return { name, kind: kindOf(parsed[name]), ...(index === 0 && { value: { members } }) };
	});
}

/** Sends neither files in the item's fields (binary mode "combined") nor the run ID that another Dibby node added. */
function itemInputs({ json, hasFilesInJson }: InputItem): RunInput[] {
	// n8n doesn't keep undefined members, and its nodes often output some.
	const isLeftOut = (value: unknown, holder: object) =>
		(value === undefined && !Array.isArray(holder)) || (hasFilesInJson && isFile(value));
	const isNoInput = (name: string) =>
		name === RUN_ID_FIELD || (hasFilesInJson && name === FILES_IN_JSON);
	return Object.entries(json)
		.filter(([name, value]) => !isNoInput(name) && !isLeftOut(value, json))
		.map(([name, value]) => valueInput(name, value, isLeftOut))
		.filter(({ name, value: { json: sent } }) => !isEmptied(json[name], sent));
}

/** Whether a field contained nothing but files. */
function isEmptied(value: unknown, sent: string): boolean {
	return (sent === '[]' || sent === '{}') && Object.keys(value as object).length > 0;
}

function objectInputs(given: unknown): RunInput[] {
	checkObject(given);
	return Object.entries(given).map(([name, value]) => {
		checkName(name, "'JSON'");
		return valueInput(name, value);
	});
}

function valueInput(
	name: string,
	value: unknown,
	isLeftOut?: (value: unknown, holder: object) => boolean,
): RunInput & { value: { json: string } } {
	const json = sendable(name, () => toJson(value, isLeftOut));
	return { name, kind: kindOf(value), value: { json } };
}

function checkObject(value: unknown): asserts value is IDataObject {
	const kind = kindOf(value);
	if (kind === 'object') return;
	throw inputError(
		`The inputs must be a JSON object, but the value is: ${kind}`,
		'Write the inputs as {"name": value}, with one field for each Start Node input.',
	);
}

export function checkName(name: unknown, where: string): asserts name is string {
	if (typeof name === 'string' && name !== '') return;
	throw inputError(
		`A row in ${where} has no input name`,
		"Enter the input's name exactly as in the Start Node of the Dibby workflow.",
	);
}

function sendable(name: string, write: () => string): string {
	try {
		return write();
	} catch (error) {
		const reason = error instanceof UnsendableValue ? error.message : String(error);
		throw inputError(
			`The input "${name}" can't be sent: ${reason}`,
			'Change the value, or choose the type that the Start Node expects.',
		);
	}
}
