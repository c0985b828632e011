import type { IDataObject } from 'n8n-workflow';

import { inputError } from '../errors';
import { RUN_ID_FIELD } from '../types';
import type { DibbyDocument, N8nServices, RunInput } from '../types';
import { describeDocument } from './documents';
import { FILES_IN_JSON, findFiles, isFile } from './files';
import type { InputItem } from './files';
import { escapeLoneSurrogates, kindOf, toJson, UnsendableValue } from './json';
import { fieldToJson, isValueType, VALUE_TYPES } from './values';

/** A row of the Inputs parameter. */
export interface FieldRow {
	name: string;
	type?: string;
	value: unknown;
}

/** A row of the Documents parameter. */
interface DocumentRow {
	inputName: string;
	binaryField: unknown;
	sendAs: 'single' | 'list';
}

/** What the user entered for a run's inputs. */
export interface InputParameters {
	/** Rows, JSON (text or the value of an expression), or all fields of the item. */
	values: { fields: FieldRow[] } | { json: unknown } | 'item';
	documents: DocumentRow[];
}

/**
 * Turns an item into the inputs of a run: values first, then documents.
 *
 * @throws DibbyError that names the input
 */
export async function inputsOf(
	n8n: N8nServices,
	item: InputItem,
	{ values, documents }: InputParameters,
): Promise<RunInput[]> {
	const inputs = await valueInputs(n8n, item, values);
	for (const row of documents) {
		checkName(row.inputName, "'Documents'");
		inputs.push(await documentInput(n8n, item, row));
	}
	rejectRepeatedNames(inputs);
	return inputs;
}

async function valueInputs(
	n8n: N8nServices,
	item: InputItem,
	values: InputParameters['values'],
): Promise<RunInput[]> {
	if (values === 'item') return itemInputs(item);
	if ('json' in values) return jsonInputs(values.json);
	const inputs: RunInput[] = [];
	for (const row of values.fields) inputs.push(await fieldInput(n8n, item, row));
	return inputs;
}

function rejectRepeatedNames(inputs: RunInput[]): void {
	const names = new Set<string>();
	for (const { name } of inputs) {
		if (names.has(name)) {
			throw inputError(
				`The input "${name}" is set twice`,
				'Each Start Node input can have one value. Remove or rename one of the two.',
			);
		}
		names.add(name);
	}
}

async function fieldInput(
	n8n: N8nServices,
	item: InputItem,
	{ name, type = 'string', value }: FieldRow,
): Promise<RunInput> {
	checkName(name, "'Inputs'");
	if (type === 'binary') {
		const row = { inputName: name, binaryField: value, sendAs: 'single' } as const;
		return await documentInput(n8n, item, row);
	}
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

async function documentInput(
	n8n: N8nServices,
	item: InputItem,
	{ inputName: name, binaryField, sendAs }: DocumentRow,
): Promise<RunInput> {
	const documents: DibbyDocument[] = [];
	for (const file of findFiles(item, name, binaryField)) {
		documents.push(await describeDocument(n8n, name, file));
	}
	if (sendAs === 'list') return { name, kind: 'list of documents', value: { documents } };
	const [document] = documents as [DibbyDocument, ...DibbyDocument[]];
	if (documents.length > 1) {
		throw inputError(
			`The input "${name}" takes one document, but ${documents.length} files match`,
			"Enter a single binary field, or set 'Send As' to 'List of Documents' under 'Documents'. To start one run per file, add a Split Out node before this node.",
		);
	}
	return { name, kind: 'document', value: { document } };
}

function checkName(name: unknown, where: string): void {
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
