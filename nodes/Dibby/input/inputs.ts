import type { IBinaryData } from 'n8n-workflow';

import { inputError, shorten } from '../errors';
import type { DibbyDocument, N8nServices, RunInput } from '../types';
import { describeDocument } from './documents';
import { filesOf, findFiles, matchFiles } from './files';
import type { InputItem } from './files';
import { checkName, valueInputs } from './valueInputs';
import type { ValueSource } from './valueInputs';

/** A row of the Documents parameter. */
export interface DocumentRow {
	inputName: unknown;
	binaryField: unknown;
	sendAs: 'single' | 'list';
}

/** What the user entered for a run's inputs. */
export interface InputParameters {
	values: ValueSource;
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
	parameters: InputParameters,
): Promise<RunInput[]> {
	const inputs = valueInputs(item, parameters.values);
	for (const row of documentRows(parameters)) {
		if (row.inputName === '') checkUnused(item, row, parameters);
		else inputs.push(await documentInput(n8n, item, row));
	}
	rejectRepeatedNames(inputs);
	return inputs;
}

/** The item's binary fields that are not sent. */
export function unmatchedFiles(item: InputItem, parameters: InputParameters): string[] {
	const rows = documentRows(parameters);
	const matched = rows.flatMap(({ binaryField }) => matchFiles(item, binaryField).files);
	// Expressions return copies of files.
	const idOf = (file?: IBinaryData) => file?.id || file?.data || file;
	const ids = new Set(matched.map(({ file }) => idOf(file)));
	const unmatched = [...filesOf(item)].filter(([, file]) => !ids.has(idOf(file)));
	return unmatched.map(([field]) => field);
}

/** The rows of 'Documents', and those of 'Inputs' with the type Binary Data. */
function documentRows({ values, documents }: InputParameters): DocumentRow[] {
	const fields = typeof values === 'object' && 'fields' in values ? values.fields : [];
	const binary = fields.filter(({ type }) => type === 'binary');
	const rows = binary.map(({ name, value }) => {
		checkName(name, "'Inputs'");
		return { inputName: name, binaryField: value, sendAs: 'single' as const };
	});
	return [...rows, ...documents];
}

/** Ignores a row without a name, such as the one that a new node has, unless the item has a file for it. */
function checkUnused(item: InputItem, row: DocumentRow, parameters: InputParameters): void {
	const matched = matchFiles(item, row.binaryField).files.map(({ field }) => field);
	const [field] = matched.concat(unmatchedFiles(item, parameters));
	if (field === undefined) return;
	throw inputError(
		`Name the Start Node input for the file in '${shorten(field)}'`,
		"Enter the name in 'Start Node Input' under 'Documents', or remove the row.",
	);
}

async function documentInput(
	n8n: N8nServices,
	item: InputItem,
	{ inputName: name, binaryField, sendAs }: DocumentRow,
): Promise<RunInput> {
	checkName(name, "'Documents'");
	const files = findFiles(item, name, binaryField);
	if (sendAs === 'single' && files.length > 1) {
		throw inputError(
			`The input "${name}" takes one document, but ${files.length} files match`,
			"Enter a single binary field, or set 'Send As' to 'List of Documents' under 'Documents'. To start one run per file, add a Split Out node before this node.",
		);
	}
	const documents: DibbyDocument[] = [];
	for (const file of files) documents.push(await describeDocument(n8n, name, file));
	const [document] = documents;
	if (sendAs === 'list' || document === undefined) {
		return { name, kind: 'list of documents', value: { documents } };
	}
	return { name, kind: 'document', value: { document } };
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
