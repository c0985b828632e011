import type { AssignmentCollectionValue, IDataObject } from 'n8n-workflow';

import { inputError } from '../errors';
import type { DibbyDocument, ItemContext, RunInput } from '../types';
import { readDocuments } from './documents';
import { fieldToJson, isValueType, VALUE_TYPES } from './fieldValue';
import { FILES_IN_JSON, findFiles, isFile } from './files';
import { kindOf, splitJsonObject, toJson, UnsendableValue } from './json';

/** A row of the Documents parameter. */
interface DocumentRow {
	inputName: string;
	binaryField: unknown;
	sendAs: 'single' | 'list';
}

/**
 * Reads what the user chose as inputs of the run: values first, documents after them, each name once.
 *
 * @throws DibbyError that names the input; nothing was sent then
 */
export async function readInputs(context: ItemContext): Promise<RunInput[]> {
	const inputs = [...(await readValues(context)), ...(await readDocumentRows(context))];
	const names = new Set<string>();
	for (const { name } of inputs) {
		if (names.has(name)) {
			throw inputError(context, {
				message: `The input "${name}" is given twice`,
				description:
					'Each input of the Start Node can have one value. Remove or rename one of the two.',
			});
		}
		names.add(name);
	}
	return inputs;
}

async function readValues(context: ItemContext): Promise<RunInput[]> {
	switch (context.getNodeParameter('specifyInputs', 'fields')) {
		case 'json':
			return readJsonInputs(context);
		case 'item':
			return readItemInputs(context);
		default:
			return await readFields(context);
	}
}

async function readFields(context: ItemContext): Promise<RunInput[]> {
	const { assignments = [] } = context.getNodeParameter('fields', {
		assignments: [],
	}) as AssignmentCollectionValue;
	const inputs: RunInput[] = [];
	for (const { name, type = 'string', value } of assignments) {
		checkName(context, name, 'Inputs');
		if (type === 'binary') {
			inputs.push(
				await documentInput(context, { inputName: name, binaryField: value, sendAs: 'single' }),
			);
		} else if (isValueType(type)) {
			const json = sendable(context, name, () => fieldToJson(type, value));
			inputs.push({ name, kind: type, value: { json } });
		} else {
			throw inputError(context, {
				message: `The input "${name}" has the type "${type}", which the node does not know`,
				description: `Choose ${Object.values(VALUE_TYPES).join(', ')} or Binary Data.`,
			});
		}
	}
	return inputs;
}

function readJsonInputs(context: ItemContext): RunInput[] {
	const given = context.getNodeParameter('jsonInputs', '{}') as unknown;
	if (typeof given !== 'string') return objectInputs(context, given);
	let parsed: unknown;
	try {
		parsed = JSON.parse(given);
	} catch (error) {
		throw inputError(context, {
			message: 'The text in JSON is not valid JSON',
			description: `${error instanceof Error ? error.message : String(error)}. Check commas, quotes and brackets; expressions that hold text need quotes around them.`,
		});
	}
	if (kindOf(parsed) !== 'object') return objectInputs(context, parsed);
	const values = parsed as IDataObject;
	return splitJsonObject(given).map(({ name, json }) => {
		checkName(context, name, 'JSON');
		return { name, kind: kindOf(values[name]), value: { json } };
	});
}

/** Files that the "combined" binary mode keeps among an item's fields are sent by Documents, as in the other mode. */
function readItemInputs(context: ItemContext): RunInput[] {
	const { json } = context.getInputData();
	const combined = context.getWorkflowSettings?.().binaryMode === 'combined';
	return objectInputs(
		context,
		json,
		(name, value) => combined && (isFile(value) || name === FILES_IN_JSON),
	);
}

function objectInputs(
	context: ItemContext,
	given: unknown,
	leaveOut: (name: string, value: unknown) => boolean = () => false,
): RunInput[] {
	if (kindOf(given) !== 'object') {
		throw inputError(context, {
			message: `The inputs must be a JSON object, and they are: ${kindOf(given)}`,
			description: 'Write them as {"name": value}, with a member for each input of the Start Node.',
		});
	}
	return Object.entries(given as object)
		.filter(([name, value]) => value !== undefined && !leaveOut(name, value))
		.map(([name, value]: [string, unknown]) => ({
			name,
			kind: kindOf(value),
			value: { json: sendable(context, name, () => toJson(value)) },
		}));
}

async function readDocumentRows(context: ItemContext): Promise<RunInput[]> {
	const { rows = [] } = context.getNodeParameter('documents', {}) as { rows?: DocumentRow[] };
	const inputs: RunInput[] = [];
	for (const row of rows) {
		checkName(context, row.inputName, 'Documents');
		inputs.push(await documentInput(context, row));
	}
	return inputs;
}

async function documentInput(context: ItemContext, row: DocumentRow): Promise<RunInput> {
	const { inputName: name, binaryField, sendAs } = row;
	const documents = await readDocuments(context, name, findFiles(context, name, binaryField));
	if (sendAs === 'list') return { name, kind: 'list of documents', value: { documents } };
	const [document] = documents as [DibbyDocument, ...DibbyDocument[]];
	if (documents.length > 1) {
		throw inputError(context, {
			message: `The input "${name}" takes one document, and ${documents.length} files were found`,
			description:
				'Name one binary field, or set Send As to List of Documents. To start one run for each file, put a Split Out node in front.',
		});
	}
	return { name, kind: 'document', value: { document } };
}

function checkName(context: ItemContext, name: unknown, where: string): void {
	if (typeof name === 'string' && name !== '') return;
	throw inputError(context, {
		message: `A row in ${where} has no input name`,
		description: "Enter the input's name exactly as the Start Node of the Dibby workflow has it.",
	});
}

function sendable(context: ItemContext, name: string, write: () => string): string {
	try {
		return write();
	} catch (error) {
		const reason = error instanceof UnsendableValue ? error.message : String(error);
		throw inputError(context, {
			message: `The input "${name}" can't be sent: ${reason}`,
			description: "Change the value, or choose the type that the workflow's Start Node asks for.",
		});
	}
}
