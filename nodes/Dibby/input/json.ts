/** A value that JSON can't carry without changing it; the message completes "… can't be sent: ". */
export class UnsendableValue extends Error {}

/** Half of a character, left by cutting a text in two. UTF-8 has no bytes for it, JSON has an escape. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The documented kinds of JSON value, and a date, as messages name them. */
export function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'empty';
	if (Array.isArray(value)) return 'array';
	// Luxon's DateTime and JavaScript's Date, which expressions such as `{{ $now }}` give.
	const isDate = typeof value === 'object' && (value instanceof Date || 'isLuxonDateTime' in value);
	return isDate ? 'date' : typeof value;
}

/**
 * Turns a value into JSON text, or refuses where `JSON.stringify` would change it silently
 * (NaN and Infinity become null there, functions vanish, a Map becomes {}, invalid dates become null).
 *
 * @throws UnsendableValue with the reason
 */
export function toJson(value: unknown): string {
	const refuseSilentChanges = function (this: Record<string, unknown>, key: string, part: unknown) {
		const original = this[key];
		if (typeof part === 'number' && !Number.isFinite(part)) {
			throw new UnsendableValue(`it holds ${part}, which is not a number that JSON knows`);
		}
		// Some packages teach bigint to become a text.
		const kind = typeof original === 'bigint' ? 'bigint' : typeof part;
		if (kind === 'function' || kind === 'symbol' || kind === 'bigint') {
			throw new UnsendableValue(`it holds a ${kind}`);
		}
		if (part === undefined && (key === '' || Array.isArray(this))) {
			throw new UnsendableValue('it holds an empty value');
		}
		if (part === null && original !== null && original !== undefined) {
			throw new UnsendableValue('it holds a date that does not exist');
		}
		if (part instanceof Map || part instanceof Set) {
			throw new UnsendableValue('it holds a Map or a Set');
		}
		return part;
	};
	try {
		return JSON.stringify(value, refuseSilentChanges);
	} catch (error) {
		return refuse(error);
	}
}

/** @throws UnsendableValue always: with the reason for an error that `JSON.stringify` or the check above threw */
function refuse(error: unknown): never {
	if (error instanceof UnsendableValue) throw error;
	if (error instanceof RangeError)
		throw new UnsendableValue('it is nested too deeply or too large');
	throw new UnsendableValue('it contains itself');
}

/**
 * Splits the text of a JSON object into its members without reading the values, so that numbers with more
 * digits than JavaScript keeps, repeated keys and `__proto__` reach Dibby as they were written.
 *
 * @param text a text that `JSON.parse` accepted as an object
 * @returns names and the JSON text of their values, in order, repeated names included
 */
export function splitJsonObject(text: string): Array<{ name: string; json: string }> {
	const members: Array<{ name: string; json: string }> = [];
	const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;
	let depth = 0;
	let name: string | undefined;
	let valueStart = 0;
	for (let match = token.exec(text); match !== null; match = token.exec(text)) {
		const [symbol] = match;
		const endsValue = depth === 1 && (symbol === ',' || symbol === '}');
		if (endsValue && name !== undefined) {
			members.push({
				name,
				json: escapeLoneSurrogates(text.slice(valueStart, match.index).trim()),
			});
			name = undefined;
		}
		if (symbol === '{' || symbol === '[') depth++;
		else if (symbol === '}' || symbol === ']') depth--;
		else if (depth === 1 && symbol.startsWith('"') && name === undefined) {
			name = JSON.parse(symbol) as string;
		} else if (depth === 1 && symbol === ':') valueStart = token.lastIndex;
	}
	return members;
}

/** Writes halves of characters as `\udXXX`, as `JSON.stringify` does, so that encoding can't replace them. */
export function escapeLoneSurrogates(json: string): string {
	return json.replace(LONE_SURROGATE, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
