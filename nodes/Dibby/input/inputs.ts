import { inputError, shorten } from '../errors';
import type { N8nServices, RunInput } from '../types';
import { documentInputs } from './documents';
import type { DocumentRow } from './documents';
import { filesOf, matchFiles } from './files';
import type { FoundFile, InputItem } from './files';
import { valueInputs } from './valueInputs';
import type { ValueSource } from './valueInputs';

/** What the user entered for a run's inputs. */
export interface InputParameters {
	values: ValueSource;
	documents: DocumentRow[];
}

/** A run to start for an item. */
interface PlannedRun {
	inputs: RunInput[];
	/** The run's own file, if a row starts one run per file. */
	file?: FoundFile;
}

/** A row without a name, such as the one that a new node has, is ignored if the item has no further file. */
const isNamed = ({ inputName }: DocumentRow) => inputName !== '';

/**
 * Turns an item into the inputs of a run: values first, then documents. If a row starts one run per file, there are as
 * many runs as files, perhaps none. Throws a DibbyError that names the input.
 */
export async function inputsOf(n8n: N8nServices, item: InputItem, parameters: InputParameters) {
	let runs: PlannedRun[] = [{ inputs: valueInputs(item, parameters.values) }];
	const rows = documentRows(parameters);
	if (rows.filter(({ sendAs }) => sendAs === 'each').length > 1) {
		throw inputError(
			"Only one row under 'Documents' can start one run per document",
			"Set 'Send As' of the other rows to 'Single Document' or 'List of Documents'.",
		);
	}
	for (const row of rows.filter(isNamed)) {
		const choices = await documentInputs(n8n, item, row);
		runs = choices.flatMap(({ input, file }) =>
			runs.map((run) => ({ inputs: [...run.inputs, input], file: file ?? run.file })),
		);
	}
	const [unsent] = unmatchedFiles(item, parameters);
	if (unsent !== undefined && !rows.every(isNamed)) {
		throw inputError(
			`Name the Start Node input for the file in '${shorten(unsent)}'`,
			"Enter the name in 'Start Node Input' under 'Documents', or remove the row.",
		);
	}
	const names = new Set<string>();
	for (const { name } of runs[0]?.inputs ?? []) {
		if (names.size < names.add(name).size) continue;
		throw inputError(
			`The input "${name}" is set twice`,
			'Each Start Node input can have one value. Remove or rename one of the two.',
		);
	}
	return runs;
}

/** The item's binary fields that are not sent. */
export function unmatchedFiles(item: InputItem, parameters: InputParameters): string[] {
	const rows = documentRows(parameters).filter(isNamed);
	const matched = rows.flatMap(({ binaryField }) => matchFiles(item, binaryField).files);
	// Expressions return copies of files.
	const idOf = ({ file }: FoundFile) => file?.id || file?.data || file;
	const ids = new Set(matched.map(idOf));
	const unmatched = [...filesOf(item).values()].filter((file) => !ids.has(idOf(file)));
	return unmatched.map(({ field }) => field);
}

/** The rows of 'Documents', and those of 'Inputs' with the type Binary Data. */
function documentRows({ values, documents }: InputParameters): DocumentRow[] {
	const fields = typeof values === 'object' && 'fields' in values ? values.fields : [];
	const binary = fields.filter(({ type }) => type === 'binary');
	const rows = binary.map(({ name: inputName, value: binaryField }) => {
		return { inputName, binaryField, sendAs: 'single' as const };
	});
	return [...rows, ...documents];
}
