import type { IBinaryData } from 'n8n-workflow';

import { inputError } from '../errors';
import type { ItemContext } from '../types';

/** A file of the incoming item with the name of its binary field, for messages. */
export interface FoundFile {
	field: string;
	file: IBinaryData;
}

/** The field in which the "combined" binary mode keeps files; n8n-workflow names it in newer versions only. */
export const FILES_IN_JSON = '_files';

/** Tells n8n's binary objects from other values, as n8n's own `isBinaryValue` (newer versions only) does. */
export function isFile(value: unknown): value is IBinaryData {
	if (typeof value !== 'object' || value === null) return false;
	const { mimeType, data, id } = value as Partial<IBinaryData>;
	return typeof mimeType === 'string' && (typeof data === 'string' || typeof id === 'string');
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
export function findFiles(context: ItemContext, input: string, wanted: unknown): FoundFile[] {
	if (isFile(wanted)) return [{ field: wanted.fileName ?? 'file', file: wanted }];
	if (Array.isArray(wanted) && wanted.length > 0 && wanted.every(isFile)) {
		return wanted.map((file) => ({ field: file.fileName ?? 'file', file }));
	}
	if (typeof wanted !== 'string') {
		throw inputError(context, {
			message: `The value for the input "${input}" is not a file`,
			description:
				'Enter the name of the binary field, for example data. An expression that gives a file works only when n8n does not keep files in memory.',
		});
	}
	const available = filesOfItem(context);
	const names = [...available.keys()];
	const found = new Map<IBinaryData, string>();
	for (const part of namesIn(wanted, available)) {
		const matching = [...available].filter(([field]) => matches(part, field));
		if (matching.length === 0) throw missing(context, input, part, names);
		for (const [field, file] of matching) if (!found.has(file)) found.set(file, field);
	}
	if (found.size === 0) throw missing(context, input, '', names);
	return [...found].map(([file, field]) => ({ field, file }));
}

/**
 * The item's files by name. The "combined" binary mode of a workflow keeps them among the item's fields,
 * mostly under `_files`; the editor then shows the path `_files.data`, and people know the name `data`.
 */
function filesOfItem(context: ItemContext): Map<string, IBinaryData> {
	const { binary = {}, json } = context.getInputData();
	const candidates: Array<[string, unknown]> = Object.entries(binary);
	if (context.getWorkflowSettings?.().binaryMode === 'combined') {
		const inFiles = Object.entries((json[FILES_IN_JSON] ?? {}) as object) as Array<
			[string, unknown]
		>;
		candidates.push(...Object.entries(json), ...inFiles);
		candidates.push(
			...inFiles.map(([name, value]): [string, unknown] => [`${FILES_IN_JSON}.${name}`, value]),
		);
	}
	const files = candidates.filter((candidate): candidate is [string, IBinaryData] =>
		isFile(candidate[1]),
	);
	return new Map(files);
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

function missing(context: ItemContext, input: string, part: string, available: string[]) {
	const named = part === '' ? 'No binary field is named' : `The item has no binary field "${part}"`;
	const there =
		available.length === 0
			? 'The item carries no files at all: check that the node before this one outputs a file.'
			: `The item has: ${available.map((name) => `"${name}"`).join(', ')}.`;
	return inputError(context, { message: `${named} for the input "${input}"`, description: there });
}
