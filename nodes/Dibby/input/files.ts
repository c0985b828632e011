import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import { inputError, shorten } from '../errors';
import { dataUriOf } from '../dataUri';
import { membersIn } from './json';

/** The incoming item, and how its workflow keeps files. */
export interface InputItem {
	json: INodeExecutionData['json'];
	binary?: INodeExecutionData['binary'];
	/** The workflow's binary mode "combined" keeps files in the item's JSON. */
	hasFilesInJson: boolean;
}

/** A file of the incoming item. Nodes may have written anything into it, so its members are unchecked. */
export interface FoundFile {
	/** The name of the binary field, for messages. */
	field: string;
	file: IBinaryData;
}

/** Where the binary mode "combined" keeps files; only newer versions of n8n-workflow export the name. */
export const FILES_IN_JSON = '_files';

/** How many of an item's binary fields a message lists. */
const MAX_LISTED = 20;

/** Whether a value is a file, and not just data with an ID and a media type. */
export function isFile(value: unknown): value is IBinaryData {
	const { mimeType, data, id } = (value ?? {}) as Partial<Record<keyof IBinaryData, unknown>>;
	const isStored = typeof id === 'string' && id.includes(':');
	return typeof mimeType === 'string' && (typeof data === 'string' || isStored);
}

/**
 * Finds the files that 'Input Binary Field' refers to.
 *
 * @param wanted a binary field, several separated by commas, a pattern such as `attachment_*`, a path if files are in
 *   the item's JSON, a data URI, a file, or a list of these
 * @returns the files, each field once, and the parts of `wanted` that match none
 */
export function matchFiles(
	item: InputItem,
	wanted: unknown,
): { files: FoundFile[]; missing: unknown[] } {
	const available = filesOf(item);
	const files = new Map<unknown, FoundFile>();
	const missing: unknown[] = [];
	for (const one of [wanted].flat() as unknown[]) {
		if (isFile(one)) files.set(Symbol(), { field: String(one.fileName ?? 'file'), file: one });
		else if (typeof one !== 'string') missing.push(one);
		else if (dataUriOf(one)) {
			files.set(Symbol(), { field: 'data URI', file: { data: one } as IBinaryData });
		} else {
			for (const name of namesIn(one, available)) {
				const fields = fieldsOf(name, available);
				if (fields.length === 0) missing.push(name);
				for (const field of fields) {
					files.set(field, { field, file: available.get(field) as IBinaryData });
				}
			}
		}
	}
	return { files: [...files.values()], missing };
}

/**
 * Finds the files for an input.
 *
 * @param isOptional whether there may be none
 * @throws DibbyError that names the missing field and lists the existing ones
 */
export function findFiles(
	item: InputItem,
	input: string,
	wanted: unknown,
	isOptional: boolean,
): FoundFile[] {
	const { files, missing } = matchFiles(item, wanted);
	const isMissing = missing.some((name) => !isOptional || typeof name !== 'string' || name === '');
	if (!isMissing && (isOptional || files.length > 0)) return files;
	const [name] = missing.length > 0 ? missing : [''];
	if (typeof name !== 'string') {
		throw inputError(
			`The value for the input "${input}" is not a file`,
			"Enter the name of the binary field, for example data. An expression that returns a file works only if n8n doesn't keep files in memory.",
		);
	}
	const reason =
		name === '' ? 'No binary field is set' : `The item has no binary field "${shorten(name)}"`;
	throw inputError(`${reason} for the input "${input}"`, describeFields([...filesOf(item).keys()]));
}

function describeFields(fields: string[]): string {
	const [only, ...others] = fields;
	if (only === undefined)
		return 'The item has no files. Check that the previous node outputs a file.';
	if (others.length === 0) return `The item has a file in '${only}'. Enter that name instead.`;
	const listed = fields.slice(0, MAX_LISTED).map((field) => `"${field}"`);
	return `The item has: ${listed.join(', ')}${fields.length > MAX_LISTED ? ', …' : ''}.`;
}

/** The item's files by binary field or by path. */
export function filesOf({ binary, json, hasFilesInJson }: InputItem): Map<string, IBinaryData> {
	const files = new Map(Object.entries(binary ?? {}));
	if (!hasFilesInJson) return files;
	const paths = new Map<unknown, string>();
	for (const [holder, key, value] of membersIn(json)) {
		if (typeof value !== 'object' || value === null) continue;
		const parent = paths.get(holder);
		const path = parent === undefined ? String(key) : `${parent}.${key}`;
		paths.set(value, path);
		const isInFiles = holder === json[FILES_IN_JSON];
		// Users know the file in _files.data as "data".
		const field = isInFiles && !files.has(String(key)) ? String(key) : standardPath(path);
		if (isInFiles || isFile(value)) files.set(field, value as IBinaryData);
	}
	return files;
}

/** Writes the path `docs.0["file"]` as `docs[0].file`. Quantifiers are bounded, because the text may be of any length. */
function standardPath(path: string): string {
	const dotted = path.replace(/\[(['"]?)([^[\]'"]{0,200})\1\]/g, '.$2').replace(/^\./, '');
	return dotted.replace(/\.(\d{1,10})(?=\.|$)/g, '[$1]');
}

function namesIn(text: string, available: Map<string, IBinaryData>): string[] {
	// A field's name may contain a comma.
	if (available.has(text)) return [text];
	const names = text.split(',').map((name) => name.trim());
	const filled = names.filter((name) => name !== '');
	return filled.length > 0 ? filled : [''];
}

function fieldsOf(name: string, available: Map<string, IBinaryData>): string[] {
	const path = standardPath(name);
	const field = [name, path, path.replace(/^_files\./, '')].find((spelling) =>
		available.has(spelling),
	);
	if (field !== undefined) return [field];
	return name.includes('*') ? [...available.keys()].filter((key) => matchesPattern(name, key)) : [];
}

/** Whether a text matches a pattern in which each * stands for any characters. Takes linear time. */
export function matchesPattern(pattern: string, text: string): boolean {
	const [first = '', ...literals] = pattern.split('*');
	const last = literals.pop();
	if (last === undefined) return pattern === text;
	if (!text.startsWith(first)) return false;
	let position = first.length;
	for (const literal of literals) {
		const found = text.indexOf(literal, position);
		if (found < 0) return false;
		position = found + literal.length;
	}
	return position + last.length <= text.length && text.endsWith(last);
}
