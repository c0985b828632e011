import { inputError } from '../errors';
import { RUN_ID_FIELD } from '../types';
import type { RunInput } from '../types';
import { FILES_IN_JSON, isFile } from './files';
import type { InputItem } from './files';
import { escapeLoneSurrogates, fieldToJson, kindOf, toJson } from './values';

/** What the errors of `JSON.stringify` mean. */
const STRINGIFY_ERRORS = new Map([
	['RangeError', 'it is nested too deeply or too large'],
	['TypeError', 'it contains a circular reference'],
]);

/** A row of the Inputs parameter. */
export interface FieldRow {
	name: string;
	type?: string;
	value: unknown;
}

/** Where values come from: rows, JSON (text or the value of an expression), or all fields of the item. */
export type ValueSource = { fields: FieldRow[] } | { json: unknown } | 'item';

/** Reads the inputs that are values rather than documents. Throws a DibbyError that names the input. */
export function valueInputs(item: InputItem, source: ValueSource): RunInput[] {
	if (source === 'item') return itemInputs(item);
	if ('json' in source) return jsonInputs(source.json);
	for (const { name } of source.fields) checkName(name, "'Inputs'");
	const rows = source.fields.filter(({ type }) => type !== 'binary');
	return rows.map(({ name, type = 'string', value }) => {
		return toInput(name, type, () => fieldToJson(type, value));
	});
}

/** JSON text is sent as written, so that numbers keep all their digits. An expression's value is converted. */
function jsonInputs(given: unknown): RunInput[] {
	const values = (typeof given === 'string' ? parse(given) : given) as Record<string, unknown>;
	if (kindOf(values) !== 'object') {
		throw inputError(
			`The inputs must be a JSON object, but the value is: ${kindOf(values)}`,
			'Write the inputs as {"name": value}, with one field for each Start Node input.',
		);
	}
	const names = Object.keys(values);
	for (const name of names) checkName(name, "'JSON'");
	if (typeof given !== 'string') {
		return names.map((name) => toInput(name, kindOf(values[name]), () => toJson(values[name])));
	}
	const value = { members: escapeLoneSurrogates(given.trim().slice(1, -1)) };
	return names.map((name, index) => {
		return { name, kind: kindOf(values[name]), value: index === 0 ? value : undefined };
	});
}

function parse(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch (error) {
		throw inputError(
			"'JSON' doesn't contain valid JSON",
			`${(error as Error).message}. Check commas, quotes, and brackets. To insert text from an expression, use {{ $json.name.toJsonString() }} without quotes around it.`,
		);
	}
}

/** Omits undefined values, which n8n doesn't store, files, and the run ID that another Dibby node added. */
function itemInputs({ json, hasFilesInJson }: InputItem): RunInput[] {
	const isFileList = (value: unknown) =>
		Array.isArray(value) && value.length > 0 && value.every(isFile);
	const isLeftOut = (value: unknown) => hasFilesInJson && (isFile(value) || isFileList(value));
	return Object.entries(json)
		.filter(([name, value]) => value !== undefined && name !== RUN_ID_FIELD && !isLeftOut(value))
		.filter(([name]) => !hasFilesInJson || name !== FILES_IN_JSON)
		.map(([name, value]) => toInput(name, kindOf(value), () => toJson(value, isLeftOut)));
}

function toInput(name: string, kind: string, write: () => string): RunInput {
	try {
		return { name, kind, value: { json: write() } };
	} catch (error) {
		const { name: type, message } = error as Error;
		throw inputError(
			`The input "${name}" can't be sent: ${STRINGIFY_ERRORS.get(type) ?? message}`,
			'Change the value, or choose the type that the Start Node expects.',
		);
	}
}

export function checkName(name: unknown, where: string): asserts name is string {
	if (typeof name === 'string' && name !== '') return;
	throw inputError(
		`A row in ${where} has no input name`,
		"Enter the input's name exactly as in the Start Node of the Dibby workflow.",
	);
}
