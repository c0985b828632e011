import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import { inputError, shorten } from '../errors';
import { dataUriOf } from '../dataUri';
import { isCollection } from './values';

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

/** Where the binary mode "combined" keeps files. Only newer versions of n8n-workflow export the name. */
export const FILES_IN_JSON = '_files';

/** How many of an item's binary fields a message lists. */
const MAX_LISTED = 20;

/** Whether a value is a file, and not just data with an ID and a media type. */
export function isFile(value: unknown): value is IBinaryData {
	const { mimeType, data, id } = (value ?? {}) as Partial<Record<keyof IBinaryData, unknown>>;
	return typeof mimeType === 'string' && (typeof data === 'string' || isStorageId(id));
}

/** Whether it's an ID of n8n's storage, which begins with the storage's name. Other services have IDs, too. */
export function isStorageId(id: unknown): id is string {
	return typeof id === 'string' && id.includes(':');
}

/**
 * Finds the files that 'Input Binary Field' refers to, each once, and the parts of it that match none. It may contain a
 * binary field, several separated by commas, a pattern such as `attachment_*`, a path such as `docs[0].file` if files are
 * in the item's JSON, a data URI, a file, or a list of these.
 */
export function matchFiles(item: InputItem, wanted: unknown) {
	const available = filesOf(item);
	const parts = ([wanted].flat() as unknown[]).flatMap((part) => {
		// A field's name may contain a comma.
		const isOne = typeof part !== 'string' || available.has(part) || dataUriOf(part);
		return isOne ? [part] : splitList(part);
	});
	const matches = parts.map((part) => ({ part, found: filesFor(part, available) }));
	const missing = matches.filter(({ found }) => found.length === 0).map(({ part }) => part);
	return { files: withOwnNames([...new Set(matches.flatMap(({ found }) => found))]), missing };
}

/** Numbers files with the same name, which expressions may return. With 'One Run per Document', it tells runs apart. */
function withOwnNames(files: FoundFile[]): FoundFile[] {
	const counts = new Map<string, number>();
	return files.map(({ field, file }) => {
		let name = field;
		while (counts.has(name)) {
			const count = (counts.get(field) ?? 1) + 1;
			counts.set(field, count);
			name = `${field} ${count}`;
		}
		counts.set(name, 1);
		return { field: name, file };
	});
}

function filesFor(one: unknown, available: Map<string, FoundFile>): FoundFile[] {
	if (isFile(one)) return [{ field: String(one.fileName ?? 'file'), file: one }];
	if (typeof one !== 'string') return [];
	const uri = dataUriOf(one);
	if (uri !== undefined) {
		const file = { data: one.slice(uri.prefix.length), mimeType: uri.mediaType };
		return [{ field: 'data URI', file }];
	}
	const file = available.get(one) ?? available.get(one.replace(/^_files\./, ''));
	if (file !== undefined) return [file];
	if (!one.includes('*')) return [];
	return [...available.values()].filter(({ field }) => matchesPattern(one, field));
}

/** Finds the files for an input. Unless optional, a missing one is a DibbyError that lists the existing ones. */
export function findFiles(item: InputItem, input: string, wanted: unknown, isOptional: boolean) {
	const { files, missing } = matchFiles(item, wanted);
	const notFile = missing.find((part) => typeof (part ?? '') !== 'string');
	const isMissing = files.length === 0 || missing.length > 0;
	if (!isMissing || (isOptional && notFile === undefined)) return files;
	const name = isOptional ? notFile : missing.length > 0 ? missing[0] : '';
	if (typeof name !== 'string') {
		throw inputError(
			`The value for the input "${input}" isn't a file`,
			"Enter the name of the binary field, for example data. An expression that returns a file works only if n8n doesn't keep files in memory.",
		);
	}
	const problem =
		name === '' ? 'No binary field is set' : `The item has no binary field "${shorten(name)}"`;
	const fields = [...filesOf(item).keys()];
	const listed = fields.slice(0, MAX_LISTED).map((field) => `"${field}"`);
	let advice = `The item has: ${listed.join(', ')}${fields.length > MAX_LISTED ? ', …' : ''}.`;
	if (fields.length === 0) {
		advice = 'The item has no files. Check that the previous node outputs a file.';
	} else if (fields.length === 1) {
		advice = `The item has a file in '${fields[0]}'. Enter that name instead.`;
	}
	throw inputError(`${problem} for the input "${input}"`, advice);
}

/** The item's files by binary field or, in the item's JSON, by path. Without recursion, because data may be deep. */
export function filesOf({ binary, json, hasFilesInJson }: InputItem): Map<string, FoundFile> {
	const files = new Map<string, FoundFile>();
	for (const [field, file] of Object.entries(binary ?? {})) files.set(field, { field, file });
	const paths = new Map<object, string>(hasFilesInJson ? [[json, '']] : []);
	for (const [holder, path] of paths) {
		const isInFiles = holder === json[FILES_IN_JSON];
		for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
			const value = (holder as Record<string | number, unknown>)[key];
			if (!isCollection(value)) continue;
			const valuePath = path + (typeof key === 'number' ? `[${key}]` : `.${key}`);
			paths.set(value, valuePath);
			// Users know the file in _files.data as "data".
			const field = isInFiles && !files.has(String(key)) ? String(key) : valuePath.slice(1);
			if (isInFiles || isFile(value)) files.set(field, { field, file: value as IBinaryData });
		}
	}
	return files;
}

/** Splits a list at its commas. */
export function splitList(text: string): string[] {
	const parts = text.split(',').map((part) => part.trim());
	return parts.filter((part) => part !== '');
}

/** Whether a text matches a pattern in which each * stands for any characters. Takes linear time. */
export function matchesPattern(pattern: string, text: string): boolean {
	const literals = pattern.split('*');
	const last = literals.pop() ?? '';
	if (literals.length === 0) return pattern === text;
	let end = 0;
	for (const [index, literal] of literals.entries()) {
		const start = text.indexOf(literal, end);
		if (start < 0 || (index === 0 && start > 0)) return false;
		end = start + literal.length;
	}
	return text.slice(end).endsWith(last);
}
