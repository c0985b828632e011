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

/** Takes a document's place in the JSON when the document becomes a binary field. */
interface FileReference {
	/** As later nodes need it: a path in the "combined" binary mode. */
	binaryField: string;
	fileName: string;
	mimeType: string;
	bytes: number;
}

/** An object or list on the way to a value. */
interface Level {
	holder: Record<string, unknown>;
	/** Absent for a list, which is walked by index: a list of its indexes would take more memory than the list. */
	keys?: string[];
	size: number;
	next: number;
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
	const names = new FileNames();
	let free = maxFiles - (stored?.size ?? 0);
	for (const { holder, key, path } of dataUriPlaces(json, runId)) {
		const text = String(holder[key]);
		const known = stored?.find(text);
		const document = known ?? (free > 0 ? decode(text) : undefined);
		if (document === undefined) continue;
		if (known === undefined) free--;
		const { mediaType } = document;
		const { name, fileName } = names.next(path(), mediaType);
		const file =
			'file' in document
				? { ...document.file, fileName }
				: await n8n.helpers.prepareBinaryData(document.content, fileName, mediaType);
		files[name] = file;
		const value: FileReference = {
			// n8n moves only stored files.
			binaryField: isCombined && file.id !== undefined ? `${FILES_IN_JSON}.${name}` : name,
			fileName,
			mimeType: mediaType,
			bytes: document.bytes,
		};
		// Assigning to `__proto__` would change the object's prototype instead.
		Object.defineProperty(holder, key, {
			value,
			writable: true,
			enumerable: true,
			configurable: true,
		});
	}
	return files;
}

/** Finds the data URIs of each object before those of the objects in it. No recursion, so it can't overflow the stack. */
function* dataUriPlaces(json: Record<string, unknown>, runId: string) {
	const levels = [levelOf(json)];
	for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
		const { holder, keys, size } = level;
		for (let index = 0; level.next === 0 && index < size; index++) {
			const key = keys?.[index] ?? index;
			const value = holder[key];
			if (typeof value !== 'string' || dataUriOf(value) === undefined) continue;
			const path = () => [...levels.slice(0, -1).map(currentKey), String(key)].slice(-MAX_PATH);
			yield { holder, key, path };
		}
		const inner = nextObject(level);
		if (inner === undefined) levels.pop();
		else if (levels.push(levelOf(inner)) > MAX_DEPTH) throw tooDeepError(runId);
	}
}

function levelOf(holder: object): Level {
	const keys = Array.isArray(holder) ? undefined : Object.keys(holder);
	const size = keys?.length ?? (holder as unknown[]).length;
	return { holder: holder as Level['holder'], keys, size, next: 0 };
}

function currentKey({ keys, next }: Level): string {
	return keys?.[next - 1] ?? String(next - 1);
}

function nextObject(level: Level): object | undefined {
	const { holder, keys, size } = level;
	while (level.next < size) {
		const value = holder[keys?.[level.next] ?? level.next];
		level.next++;
		if (typeof value === 'object' && value !== null) return value;
	}
	return undefined;
}

function tooDeepError(runId: string): DibbyError {
	return new DibbyError({
		message: "The Dibby run's result is nested too deeply for n8n",
		description: `n8n can't pass on more than ${MAX_DEPTH} levels. Change the Result Node of the Dibby workflow, so that it returns data with fewer levels. You find this result in the run ${runId} in Dibby.`,
		runId,
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

/** Unique names for the files of one item. */
class FileNames {
	private readonly taken = new Set<string>();

	/**
	 * Makes a name from the keys on the way to a document, without a leading `output`.
	 *
	 * @returns the names of the binary field and the file
	 */
	next(path: string[], mediaType: string): { name: string; fileName: string } {
		const keys = path[0] === 'output' && path.length > 1 ? path.slice(1) : path;
		const legal = keys.join('_').replace(/[^\p{L}\p{N}_-]+/gu, '_');
		const wanted = legal === '__proto__' ? 'proto' : legal.slice(0, 100) || 'document';
		let name = wanted;
		for (let number = 2; this.taken.has(name); number++) name = `${wanted}_${number}`;
		this.taken.add(name);
		return { name, fileName: `${name}.${extensionOf(mediaType)}` };
	}
}
