import { extensionOf } from '../mediaTypes';

/** The last keys are enough for a name, and a deep result must not make long paths. */
export const MAX_PATH = 7;

/** Names of the files of one item, none twice. */
export class FileNames {
	private readonly taken = new Set<string>();

	/**
	 * Makes a name of the keys on the way to a document; `output` is on every way and says nothing.
	 *
	 * @returns the binary field's name, and the file's with its ending
	 */
	next(path: string[], mediaType: string): { name: string; fileName: string } {
		const telling = path[0] === 'output' && path.length > 1 ? path.slice(1) : path;
		const legal = telling.join('_').replace(/[^\p{L}\p{N}_-]+/gu, '_');
		const wanted = legal === '__proto__' ? 'proto' : legal.slice(0, 100) || 'document';
		let name = wanted;
		for (let number = 2; this.taken.has(name); number++) name = `${wanted}_${number}`;
		this.taken.add(name);
		return { name, fileName: `${name}.${extensionOf(mediaType)}` };
	}
}
