/** The last keys are enough for a name, and a deep result must not make long paths. */
export const LONGEST_PATH = 7;

/** A binary field's name made of the keys on the way; `output` is on every way and says nothing. */
export function freeName(path: string[], taken: Set<string>): string {
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
