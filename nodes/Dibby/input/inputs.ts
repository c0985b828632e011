import { inputError, shorten } from '../errors';
import { RUN_ID_FIELD } from '../types';
import type { N8nServices, RunInput } from '../types';
import { documentInputs } from './documents';
import type { DocumentRow } from './documents';
import { FILES_IN_JSON, filesOf, isFile, matchFiles } from './files';
import type { FoundFile, InputItem } from './files';
import { escapeLoneSurrogates, fieldToJson, kindOf, toJson } from './values';

/** A row of the Inputs parameter. */
export interface FieldRow {
	name: string;
	type?: string;
	value: unknown;
}

/** What the user entered for a run's inputs. */
export interface InputParameters {
	/** Rows, JSON (text or the value of an expression), or all fields of the item. */
	values: { fields: FieldRow[] } | { json: unknown } | 'item';
	documents: DocumentRow[];
}

/** A run to start for an item. */
interface PlannedRun {
	inputs: RunInput[];
	/** The run's own file, if a row starts one run per file. */
	file?: FoundFile;
}

/** What the errors of `JSON.stringify` mean. */
const STRINGIFY_ERRORS = new Map([
	['RangeError', 'it is nested too deeply or too large'],
	['TypeError', 'it contains a circular reference'],
]);

/** A row without a name, such as the one that a new node has, is ignored if the item has no further file. */
const isNamed = ({ inputName }: DocumentRow) => inputName !== '';

/**
 * Turns an item into the inputs of a run: values first, then documents. If a row starts one run per file, there are as
 * many runs as files, perhaps none. Throws a DibbyError that names the input.
 */
export async function inputsOf(
	n8n: N8nServices,
	item: InputItem,
	parameters: InputParameters,
	unsentFiles: string[],
) {
	let runs: PlannedRun[] = [{ inputs: valueInputs(item, parameters.values) }];
	const rows = documentRows(parameters);
	if (rows.filter(({ sendAs }) => sendAs === 'each').length > 1) {
		throw inputError(
			"Only one row under 'Documents' can start one run per document",
			"Set 'Send As' of the other rows to 'Single Document' or 'List of Documents'.",
		);
	}
	for (const row of rows.filter(isNamed)) {
		checkName(row.inputName, "'Documents'");
		const choices = await documentInputs(n8n, item, row);
		runs = choices.flatMap(({ input, file }) =>
			runs.map((run) => ({ inputs: [...run.inputs, input], file: file ?? run.file })),
		);
	}
	const [unsent] = unsentFiles;
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

/** The inputs that are values rather than documents. */
function valueInputs(item: InputItem, source: InputParameters['values']): RunInput[] {
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
	const members = escapeLoneSurrogates(given.trim().slice(1, -1));
	return names.map((name, index) => {
		return { name, kind: kindOf(values[name]), value: index === 0 ? { members } : undefined };
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

function checkName(name: unknown, where: string): void {
	if (typeof name === 'string' && name !== '') return;
	throw inputError(
		`A row in ${where} has no input name`,
		"Enter the input's name exactly as in the Start Node of the Dibby workflow.",
	);
}
