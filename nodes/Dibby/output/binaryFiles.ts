import type { IBinaryKeyData } from 'n8n-workflow';

import { standardBase64 } from '../base64';
import type { N8nServices } from '../types';
import { dataUriOf, MOST_FILES } from './dataUri';
import { FileNames, LONGEST_PATH } from './fileNames';
import type { StoredDocuments } from './storedDocuments';

/** What the JSON keeps in place of a document that became a binary field. */
interface FileReference {
	/** As later nodes need it: in the "combined" binary mode with `_files.` in front. */
	binaryField: string;
	fileName: string;
	mimeType: string;
	bytes: number;
}

const DATA_PROPERTY = { writable: true, enumerable: true, configurable: true };

/** A place in the result: the object or list, the key in it, and all keys on the way there. */
interface Place {
	holder: Record<string, unknown>;
	key: string;
	path: string[];
}

/**
 * Turns the documents in a result (data URIs, at any depth) into n8n files, and leaves references in their place.
 * The result is changed in place, so that each document's text can be forgotten once it is stored.
 *
 * @param json the result; a data URI that is not valid stays as it is
 * @param stored the documents that were stored while the result was read, and that have a placeholder in it
 * @returns the files by binary field, named after where they were: `report`, `pages_0_image`
 * @throws Error of n8n's storage
 */
export async function storeDocuments(
	n8n: N8nServices,
	json: Record<string, unknown>,
	stored?: StoredDocuments,
): Promise<IBinaryKeyData> {
	const isCombined = n8n.getWorkflowSettings?.().binaryMode === 'combined';
	const files: IBinaryKeyData = {};
	const names = new FileNames();
	const most = MOST_FILES - (stored?.size ?? 0);
	let others = 0;
	for (const { holder, key, path } of dataUriPlaces(json)) {
		const text = String(holder[key]);
		const known = stored?.find(text);
		if (known === undefined && others >= most) continue;
		const document = known ?? decode(text);
		if (document === undefined) continue;
		if (known === undefined) others++;
		const { mediaType } = document;
		const { name, fileName } = names.next(path, mediaType);
		const file =
			'file' in document
				? { ...document.file, fileName }
				: await n8n.helpers.prepareBinaryData(document.content, fileName, mediaType);
		files[name] = file;
		const reference: FileReference = {
			// n8n moves only stored files.
			binaryField: isCombined && file.id !== undefined ? `_files.${name}` : name,
			fileName,
			mimeType: mediaType,
			bytes: document.bytes,
		};
		// Assigning to `__proto__` would change the object's prototype instead.
		Object.defineProperty(holder, key, { ...DATA_PROPERTY, value: reference });
	}
	return files;
}

/** Goes through the result without recursion, so that no depth is too much. */
function* dataUriPlaces(json: Record<string, unknown>): Generator<Place> {
	const open: Array<{ holder: Record<string, unknown>; path: string[] }> = [
		{ holder: json, path: [] },
	];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		const { holder, path } = next;
		const inner: typeof open = [];
		for (const [key, value] of Object.entries(holder)) {
			if (typeof value === 'string') {
				if (dataUriOf(value) !== undefined) yield { holder, key, path: [...path, key] };
			} else if (typeof value === 'object' && value !== null) {
				const inside = [...path, key].slice(1 - LONGEST_PATH);
				inner.push({ holder: value as Record<string, unknown>, path: inside });
			}
		}
		open.push(...inner.reverse());
	}
}

/** @returns undefined for a data URI whose content is not base64 */
function decode(text: string): { mediaType: string; content: Buffer; bytes: number } | undefined {
	const uri = dataUriOf(text);
	const base64 = uri && standardBase64(text.slice(uri.prefix.length));
	if (uri === undefined || base64 === undefined) return undefined;
	const content = Buffer.from(base64, 'base64');
	return { mediaType: uri.mediaType, content, bytes: content.length };
}
