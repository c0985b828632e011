/**
 * Finds a key that some object has twice; `JSON.parse` would silently take the last.
 *
 * @param text valid JSON
 */
export function repeatedKey(text: string): string | undefined {
	const objects: Array<Set<string> | undefined> = [];
	const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/gs;
	for (const [symbol, colon] of text.matchAll(token)) {
		if (symbol === '{') objects.push(new Set());
		else if (symbol === '[') objects.push(undefined);
		else if (symbol === '}' || symbol === ']') objects.pop();
		else if (colon !== undefined) {
			const key = JSON.parse(symbol.slice(0, -colon.length)) as string;
			if (objects.at(-1)?.has(key)) return key;
			objects.at(-1)?.add(key);
		}
	}
	return undefined;
}
