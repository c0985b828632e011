import type { IBinaryKeyData } from 'n8n-workflow';

import { standardBase64 } from '../base64';
import { extensionOf } from '../mediaTypes';
import type { N8nServices } from '../types';

/** What the JSON keeps in place of a document that became a binary field. */
export interface FileReference {
	/** As later nodes need it: in the "combined" binary mode with `_files.` in front. */
	binaryField: string;
	fileName: string;
	mimeType: string;
	bytes: number;
}

/** More files than this on one item are nothing that people work with; the rest stays in the JSON as it came. */
const MOST_FILES = 1_000;

/** The start of a data URI; what follows is the content, in base64. */
const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+(?:;[\w.+-]+=[^;,]*)*)?;base64,/;

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
 * @returns the files by binary field, named after where they were: `report`, `pages_0_image`
 * @throws Error of n8n's storage
 */
export async function storeDocuments(
	n8n: N8nServices,
	json: Record<string, unknown>,
): Promise<IBinaryKeyData> {
	const isCombined = n8n.getWorkflowSettings?.().binaryMode === 'combined';
	const files: IBinaryKeyData = {};
	const taken = new Set<string>();
	for (const { holder, key, path } of dataUriPlaces(json)) {
		if (taken.size >= MOST_FILES) break;
		const document = decode(String(holder[key]));
		if (document === undefined) continue;
		const { mediaType, content } = document;
		const name = freeName(path, taken);
		const fileName = `${name}.${extensionOf(mediaType)}`;
		const file = await n8n.helpers.prepareBinaryData(content, fileName, mediaType);
		files[name] = file;
		taken.add(name);
		const reference: FileReference = {
			// n8n moves only stored files.
			binaryField: isCombined && file.id !== undefined ? `_files.${name}` : name,
			fileName,
			mimeType: mediaType,
			bytes: content.length,
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
				if (DATA_URI.test(value.slice(0, 300))) yield { holder, key, path: [...path, key] };
			} else if (typeof value === 'object' && value !== null) {
				// The last keys are enough for a name, and a deep result must not make long paths.
				inner.push({ holder: value as Record<string, unknown>, path: [...path, key].slice(-6) });
			}
		}
		open.push(...inner.reverse());
	}
}

/** @returns undefined for a data URI whose content is not base64 */
function decode(uri: string): { mediaType: string; content: Buffer } | undefined {
	const match = DATA_URI.exec(uri);
	const base64 = match === null ? undefined : standardBase64(uri.slice(match[0].length));
	if (base64 === undefined) return undefined;
	return { mediaType: match?.[1] ?? 'text/plain', content: Buffer.from(base64, 'base64') };
}

/** A binary field's name made of the keys on the way; `output` is on every way and says nothing. */
function freeName(path: string[], taken: Set<string>): string {
	const telling = path[0] === 'output' && path.length > 1 ? path.slice(1) : path;
	const name =
		telling
			.join('_')
			.replace(/[^\p{L}\p{N}_-]+/gu, '_')
			.slice(0, 100) || 'document';
	const safe = name === '__proto__' ? 'proto' : name;
	let free = safe;
	for (let number = 2; taken.has(free); number++) free = `${safe}_${number}`;
	return free;
}
