import type { IBinaryKeyData } from 'n8n-workflow';

import { DibbyError } from '../errors';
import { FILES_IN_JSON } from '../input/files';
import { extensionOf } from '../mediaTypes';
import { keepsFilesInJson } from '../types';
import type { N8nServices } from '../types';
import { dataUriOf, standardBase64 } from '../dataUri';
import type { StoredDocuments } from '../api/storedDocuments';

/** Deeper data overflows the stack in n8n and in nodes that copy it: structuredClone fails from about 1,900 levels. */
const MAX_DEPTH = 1_500;

/** A file is named after this many of the last keys. */
const MAX_PATH = 7;

/** An object or list in the result. */
type Holder = Record<string | number, unknown>;

/** Where a document is in the result: its holder, its key there, and the last keys on the way to it. */
interface Place {
	holder: Holder;
	key: string | number;
	path: string[];
}

/**
 * Turns the documents in a result (data URIs, at any depth) into n8n files, and leaves references in their place. Works
 * on the result itself, so that each document's text can be freed as soon as it's stored.
 *
 * @param json the result; an invalid data URI stays as it is
 * @param maxFiles further documents stay in the JSON
 * @param stored the documents that were stored while the result was read
 * @returns the files by binary field, named after their place: `report`, `pages_0_image`
 * @throws DibbyError if n8n can't handle the result; errors from n8n's storage
 */
export async function storeDocuments(
	n8n: N8nServices,
	json: Record<string, unknown>,
	runId: string,
	maxFiles: number,
	stored?: StoredDocuments,
): Promise<IBinaryKeyData> {
	const isCombined = keepsFilesInJson(n8n);
	const files: IBinaryKeyData = {};
	let free = maxFiles - (stored?.kept.size ?? 0);
	for (const { holder, key, path } of dataUrisIn(json, runId)) {
		const text = String(holder[key]);
		const known = stored?.kept.get(text);
		const document = known ?? (free > 0 ? decode(text) : undefined);
		if (document === undefined) continue;
		if (known === undefined) free--;
		const { mediaType } = document;
		const name = nameFor(path, files);
		const fileName = `${name}.${extensionOf(mediaType)}`;
		const file =
			'file' in document
				? { ...document.file, fileName }
				: await n8n.helpers.prepareBinaryData(document.content, fileName, mediaType);
		files[name] = file;
		const reference = {
			// As later nodes need it: a path in the "combined" binary mode, in which n8n moves only stored files.
			binaryField: isCombined && file.id !== undefined ? `${FILES_IN_JSON}.${name}` : name,
			fileName,
			mimeType: mediaType,
			bytes: document.bytes,
		};
		// Assigning to `__proto__` would change the object's prototype instead.
		Object.defineProperty(holder, key, { value: reference });
	}
	return files;
}

/** Finds the data URIs of each object before those of the objects in it. */
function dataUrisIn(
	holder: Holder,
	runId: string,
	path: Array<string | number> = [],
	found: Place[] = [],
): Place[] {
	// The limit also keeps the recursion from overflowing the stack.
	if (path.length >= MAX_DEPTH) throw tooDeepError(runId);
	// A list of a list's indexes would take more memory than the list.
	const keys = () => (Array.isArray(holder) ? holder.keys() : Object.keys(holder));
	for (const key of keys()) {
		const value = holder[key];
		if (typeof value !== 'string' || dataUriOf(value) === undefined) continue;
		found.push({ holder, key, path: [...path.slice(1 - MAX_PATH), key].map(String) });
	}
	for (const key of keys()) {
		const value = holder[key];
		if (typeof value !== 'object' || value === null) continue;
		path.push(key);
		dataUrisIn(value as Holder, runId, path, found);
		path.pop();
	}
	return found;
}

function tooDeepError(runId: string): DibbyError {
	return new DibbyError({
		message: "The Dibby run's result is nested too deeply for n8n",
		description: `n8n can't pass on more than ${MAX_DEPTH} levels. Change the Result Node of the Dibby workflow, so that it returns data with fewer levels. You find this result in the run ${runId} in Dibby.`,
	});
}

/** @returns undefined for a data URI whose content isn't base64 */
function decode(text: string): { mediaType: string; content: Buffer; bytes: number } | undefined {
	const uri = dataUriOf(text);
	const base64 = uri && standardBase64(text.slice(uri.prefix.length));
	if (uri === undefined || base64 === undefined) return undefined;
	const content = Buffer.from(base64, 'base64');
	return { mediaType: uri.mediaType, content, bytes: content.length };
}

/** A name that no other file has, made from the keys on the way to a document, without a leading `output`. */
function nameFor(path: string[], files: IBinaryKeyData): string {
	const keys = path[0] === 'output' && path.length > 1 ? path.slice(1) : path;
	const legal = keys.join('_').replace(/[^\p{L}\p{N}_-]+/gu, '_');
	const wanted = legal === '__proto__' ? 'proto' : legal.slice(0, 100) || 'document';
	let name = wanted;
	for (let number = 2; Object.hasOwn(files, name); number++) name = `${wanted}_${number}`;
	return name;
}
