import type { IDataObject } from 'n8n-workflow';

import { inputError } from '../errors';
import { RUN_ID_FIELD } from '../types';
import type { DibbyDocument, N8nServices, RunInput } from '../types';
import { describeDocuments } from './documents';
import { FILES_IN_JSON, findFiles, isFile } from './files';
import type { InputItem } from './files';
import { kindOf, splitJsonObject, toJson, UnsendableValue } from './json';
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

/** What the user chose as inputs of the run. */
export interface InputParameters {
	/** Where the values come from: rows, a JSON text (or what an expression gives), or the item's own fields. */
	values: { fields: FieldRow[] } | { json: unknown } | 'item';
	documents: DocumentRow[];
}

/**
 * Turns what the user chose into inputs of the run: values first, documents after them, each name once.
 *
 * @throws DibbyError that names the input; nothing was sent then
 */
export async function inputsOf(
	n8n: N8nServices,
	item: InputItem,
	{ values, documents }: InputParameters,
): Promise<RunInput[]> {
	const inputs: RunInput[] = [];
	if (values === 'item') inputs.push(...itemInputs(item));
	else if ('json' in values) inputs.push(...jsonInputs(values.json));
	else for (const row of values.fields) inputs.push(await fieldInput(n8n, item, row));
	for (const row of documents) {
		checkName(row.inputName, 'Documents');
		inputs.push(await documentInput(n8n, item, row));
	}
	refuseRepeatedNames(inputs);
	return inputs;
}

function refuseRepeatedNames(inputs: RunInput[]): void {
	const names = new Set<string>();
	for (const { name } of inputs) {
		if (names.has(name)) {
			throw inputError(
				`The input "${name}" is given twice`,
				'Each input of the Start Node can have one value. Remove or rename one of the two.',
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
	checkName(name, 'Inputs');
	if (type === 'binary') {
		const row = { inputName: name, binaryField: value, sendAs: 'single' } as const;
		return await documentInput(n8n, item, row);
	}
	if (!isValueType(type)) {
		throw inputError(
			`The input "${name}" has the type "${type}", which the node does not know`,
			`Choose ${Object.values(VALUE_TYPES).join(', ')} or Binary Data.`,
		);
	}
	return { name, kind: type, value: { json: sendable(name, () => fieldToJson(type, value)) } };
}

/** A text's members are sent as they are written; what an expression gives has been read by n8n already. */
function jsonInputs(given: unknown): RunInput[] {
	if (typeof given !== 'string') return objectInputs(given);
	let parsed: unknown;
	try {
		parsed = JSON.parse(given);
	} catch (error) {
		throw inputError(
			'The text in JSON is not valid JSON',
			`${(error as Error).message}. Check commas, quotes and brackets. For a text from an expression, write {{ $json.name.toJsonString() }} without quotes around it.`,
		);
	}
	if (kindOf(parsed) !== 'object') return objectInputs(parsed);
	const values = parsed as IDataObject;
	return splitJsonObject(given).map(({ name, json }) => {
		checkName(name, 'JSON');
		return { name, kind: kindOf(values[name]), value: { json } };
	});
}

/**
 * Files that the "combined" binary mode keeps among an item's fields are sent by Documents, as in the other mode.
 * The run's ID beside the output of a Dibby node in front is no input that any Start Node asks for.
 */
function itemInputs({ json, hasFilesInJson }: InputItem): RunInput[] {
	const isNoInput = (name: string, value: unknown) =>
		name === RUN_ID_FIELD || (hasFilesInJson && (isFile(value) || name === FILES_IN_JSON));
	return objectInputs(json, isNoInput);
}

function objectInputs(
	given: unknown,
	leaveOut: (name: string, value: unknown) => boolean = () => false,
): RunInput[] {
	if (kindOf(given) !== 'object') {
		throw inputError(
			`The inputs must be a JSON object, and they are: ${kindOf(given)}`,
			'Write them as {"name": value}, with a member for each input of the Start Node.',
		);
	}
	return Object.entries(given as object)
		.filter(([name, value]) => value !== undefined && !leaveOut(name, value))
		.map(([name, value]: [string, unknown]) => ({
			name,
			kind: kindOf(value),
			value: { json: sendable(name, () => toJson(value)) },
		}));
}

async function documentInput(
	n8n: N8nServices,
	item: InputItem,
	{ inputName: name, binaryField, sendAs }: DocumentRow,
): Promise<RunInput> {
	const documents = await describeDocuments(n8n, name, findFiles(item, name, binaryField));
	if (sendAs === 'list') return { name, kind: 'list of documents', value: { documents } };
	const [document] = documents as [DibbyDocument, ...DibbyDocument[]];
	if (documents.length > 1) {
		throw inputError(
			`The input "${name}" takes one document, and ${documents.length} files were found`,
			'Name one binary field, or send them under Documents, with Send As at List of Documents. To start one run for each file, put a Split Out node in front.',
		);
	}
	return { name, kind: 'document', value: { document } };
}

function checkName(name: unknown, where: string): void {
	if (typeof name === 'string' && name !== '') return;
	throw inputError(
		`A row in ${where} has no input name`,
		"Enter the input's name exactly as the Start Node of the Dibby workflow has it.",
	);
}

function sendable(name: string, write: () => string): string {
	try {
		return write();
	} catch (error) {
		const reason = error instanceof UnsendableValue ? error.message : String(error);
		throw inputError(
			`The input "${name}" can't be sent: ${reason}`,
			"Change the value, or choose the type that the workflow's Start Node asks for.",
		);
	}
}
