import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import { inputError, shorten } from '../errors';
import type { DibbyError } from '../errors';

/** The incoming item, and how its workflow keeps files. */
export interface InputItem {
	json: INodeExecutionData['json'];
	binary?: INodeExecutionData['binary'];
	/** The workflow's "combined" binary mode keeps files among the item's fields. */
	hasFilesInJson: boolean;
}

/** A file of the incoming item with the name of its binary field, for messages. */
export interface FoundFile {
	field: string;
	file: IBinaryData;
}

/** The field in which the "combined" binary mode keeps files; n8n-workflow names it in newer versions only. */
export const FILES_IN_JSON = '_files';

/**
 * Tells n8n's binary objects from other values, as n8n's own `isBinaryValue` (newer versions only) does.
 * In an item's `binary`, where nothing else is, one without a media type is a file too: Code nodes make such.
 */
export function isFile(value: unknown, isAmongFiles = false): value is IBinaryData {
	if (typeof value !== 'object' || value === null) return false;
	const { mimeType, data, id } = value as Partial<IBinaryData>;
	const hasType = typeof mimeType === 'string' || isAmongFiles;
	return hasType && typeof (id || data) === 'string';
}

/**
 * Finds the files that the user means.
 *
 * @param input the input's name, for messages
 * @param wanted a binary field's name, several with commas, a pattern such as `attachment_*`,
 *   or what an expression gives: a binary object, or a list of them
 * @returns at least one file, in the item's own order within a pattern, none twice
 * @throws DibbyError that names the missing field and lists those that are there
 */
export function findFiles(item: InputItem, input: string, wanted: unknown): FoundFile[] {
	if (isFile(wanted)) return [{ field: wanted.fileName ?? 'file', file: wanted }];
	if (Array.isArray(wanted) && wanted.length > 0 && wanted.every((value) => isFile(value))) {
		return wanted.map((file) => ({ field: file.fileName ?? 'file', file }));
	}
	if (typeof wanted !== 'string') {
		throw inputError(
			`The value for the input "${input}" is not a file`,
			'Enter the name of the binary field, for example data. An expression that gives a file works only when n8n does not keep files in memory.',
		);
	}
	const available = filesOf(item);
	const names = [...available.keys()];
	const found = new Map<IBinaryData, string>();
	for (const part of namesIn(wanted, available)) {
		const matching = [...available].filter(([field]) => matches(part, field));
		if (matching.length === 0) throw missing(input, part, names);
		for (const [field, file] of matching) if (!found.has(file)) found.set(file, field);
	}
	if (found.size === 0) throw missing(input, '', names);
	return [...found].map(([file, field]) => ({ field, file }));
}

/**
 * The item's files by name. In the "combined" binary mode they are mostly under `_files`; the editor then shows the
 * path `_files.data`, and people know the name `data`.
 */
function filesOf({ binary, json, hasFilesInJson }: InputItem): Map<string, IBinaryData> {
	const filesIn = (fields: object, areFiles: boolean) =>
		Object.entries(fields).filter((entry): entry is [string, IBinaryData] =>
			isFile(entry[1], areFiles),
		);
	const own = filesIn(binary ?? {}, true);
	if (!hasFilesInJson) return new Map(own);
	const inFiles = filesIn((json[FILES_IN_JSON] ?? {}) as object, true);
	const byPath = inFiles.map(([name, file]) => [`${FILES_IN_JSON}.${name}`, file] as const);
	return new Map([...own, ...filesIn(json, false), ...inFiles, ...byPath]);
}

function namesIn(wanted: string, available: Map<string, IBinaryData>): string[] {
	// A field's name may hold a comma itself.
	if (available.has(wanted)) return [wanted];
	return wanted
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

function matches(part: string, field: string): boolean {
	if (!part.includes('*')) return part === field;
	const pattern = part
		.split('*')
		.map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
		.join('.*');
	return new RegExp(`^${pattern}$`, 's').test(field);
}

function missing(input: string, part: string, available: string[]): DibbyError {
	const named =
		part === '' ? 'No binary field is named' : `The item has no binary field "${shorten(part)}"`;
	const there =
		available.length === 0
			? 'The item carries no files at all: check that the node before this one outputs a file.'
			: `The item has: ${available.map((name) => `"${name}"`).join(', ')}.`;
	return inputError(`${named} for the input "${input}"`, there);
}
