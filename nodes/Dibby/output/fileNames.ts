import { extensionOf } from '../mediaTypes';

/** A file is named after this many of the last keys. */
export const MAX_PATH = 7;

/** Unique names for the files of one item. */
export class FileNames {
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
