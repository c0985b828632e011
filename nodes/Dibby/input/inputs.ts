import type { IBinaryData } from 'n8n-workflow';

import { inputError, shorten } from '../errors';
import type { N8nServices, RunInput } from '../types';
import { findDocuments } from './documents';
import type { DocumentRow } from './documents';
import { filesOf, matchFiles } from './files';
import type { FoundFile, InputItem } from './files';
import { checkName, valueInputs } from './valueInputs';
import type { ValueSource } from './valueInputs';

/** What the user entered for a run's inputs. */
export interface InputParameters {
	values: ValueSource;
	documents: DocumentRow[];
}

/** A run to start for an item. */
export interface PlannedRun {
	inputs: RunInput[];
	/** The run's own file, if a row starts one run per file. */
	file?: FoundFile;
}

/**
 * Turns an item into the inputs of a run: values first, then documents. If a row starts one run per file, there are as
 * many runs as files, perhaps none.
 *
 * @throws DibbyError that names the input
 */
export async function inputsOf(
	n8n: N8nServices,
	item: InputItem,
	parameters: InputParameters,
): Promise<PlannedRun[]> {
	let runs: PlannedRun[] = [{ inputs: valueInputs(item, parameters.values) }];
	const rows = documentRows(parameters);
	if (rows.filter(({ sendAs }) => sendAs === 'each').length > 1) {
		throw inputError(
			"Only one row under 'Documents' can start one run per document",
			"Set 'Send As' of the other rows to 'Single Document' or 'List of Documents'.",
		);
	}
	for (const row of rows) {
		if (row.inputName === '') checkUnused(item, row, parameters);
		else {
			const choices = await documentInputs(n8n, item, row);
			runs = choices.flatMap(({ input, file }) =>
				runs.map((run) => ({ inputs: [...run.inputs, input], file: file ?? run.file })),
			);
		}
	}
	rejectRepeatedNames(runs[0]?.inputs ?? []);
	return runs;
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

/** Ignores a row without a name, such as the one that a new node has, unless the item has a file that nothing sends. */
function checkUnused(item: InputItem, row: DocumentRow, parameters: InputParameters): void {
	const documents = parameters.documents.filter(({ inputName }) => inputName !== '');
	const unsent = unmatchedFiles(item, { ...parameters, documents });
	const matched = matchFiles(item, row.binaryField).files.map(({ field }) => field);
	const field = matched.find((name) => unsent.includes(name)) ?? unsent[0];
	if (field === undefined) return;
	throw inputError(
		`Name the Start Node input for the file in '${shorten(field)}'`,
		"Enter the name in 'Start Node Input' under 'Documents', or remove the row.",
	);
}

/** The row's input: one, or with `each` one per file. */
async function documentInputs(
	n8n: N8nServices,
	item: InputItem,
	row: DocumentRow,
): Promise<Array<{ input: RunInput; file?: FoundFile }>> {
	const { inputName: name, sendAs } = row;
	checkName(name, "'Documents'");
	const found = await findDocuments(n8n, item, name, row);
	if (sendAs === 'list') {
		const documents = found.map(({ document }) => document);
		return [{ input: { name, kind: 'list of documents', value: { documents } } }];
	}
	return found.map(({ file, document }) => ({
		input: { name, kind: 'document', value: { document } },
		file: sendAs === 'each' ? file : undefined,
	}));
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
