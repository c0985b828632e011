/** A value that can't be sent unchanged. The message completes "The input … can't be sent: ". */
export class UnsendableValue extends Error {}

/** Half of a surrogate pair, left over when a text was cut. UTF-8 can't encode it, but JSON can escape it. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The kind of a value, for messages: a JSON type, date, empty, or the name of a class. */
export function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'empty';
	if (Array.isArray(value)) return 'array';
	if (typeof value !== 'object') return typeof value;
	const tag = tagOf(value);
	const prototype: unknown = Object.getPrototypeOf(value);
	// n8n's expressions may come from another realm, with another `Object`.
	const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
	if (isPlain && tag === 'Object') return 'object';
	// Expressions such as {{ $now }} return Luxon's DateTime.
	if (tag === 'Date' || 'isLuxonDateTime' in value) return 'date';
	const { constructor } = value as { constructor?: { name?: unknown } };
	return tag === 'Object' ? String(constructor?.name ?? tag) : tag;
}

function tagOf(value: unknown): string {
	return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** Yields every member of an object or a list, at any depth, without recursion. Visits each object once. */
export function* membersIn(
	root: object,
): Generator<[holder: object, key: string | number, value: unknown]> {
	const open = new Set([root as Record<string | number, unknown>]);
	for (const holder of open) {
		const keys = Array.isArray(holder) ? undefined : Object.keys(holder);
		const { length } = keys ?? (holder as unknown as unknown[]);
		for (let index = 0; index < length; index++) {
			const key = keys?.[index] ?? index;
			const value = holder[key];
			yield [holder, key, value];
			if (isCollection(value)) open.add(value);
		}
	}
}

export function isCollection(value: unknown): value is Record<string | number, unknown> {
	const kind = typeof value === 'object' ? kindOf(value) : '';
	return kind === 'array' || kind === 'object';
}

/**
 * Converts a value to JSON. `JSON.stringify` alone would change values silently: NaN to null, a Map to {}.
 *
 * @param isLeftOut whether to omit a member
 * @throws UnsendableValue with the reason
 */
export function toJson(
	value: unknown,
	isLeftOut: (value: unknown, holder: object) => boolean = () => false,
): string {
	rejectUnsendable(value);
	let replacer: ReturnType<typeof omit> | undefined;
	for (const [holder, , member] of isCollection(value) ? membersIn(value) : []) {
		if (!isLeftOut(member, holder)) rejectUnsendable(member);
		else if (member !== undefined) replacer = omit(isLeftOut);
	}
	try {
		return JSON.stringify(value, replacer);
	} catch (error) {
		return rejectStructure(error);
	}
}

/** A replacer for `JSON.stringify`, which is slow, so it is used only if there is something to omit. */
function omit(isLeftOut: (value: unknown, holder: object) => boolean) {
	return function (this: object, _key: string, member: unknown) {
		if (Array.isArray(member)) return member.filter((part) => !isLeftOut(part, member));
		return isLeftOut(member, this) ? undefined : member;
	};
}

function rejectUnsendable(value: unknown): void {
	if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
	if (typeof value === 'number' ? Number.isFinite(value) : isCollection(value)) return;
	const kind = kindOf(value);
	if (kind === 'date') {
		if (JSON.stringify(value) !== 'null') return;
		throw new UnsendableValue('it contains an invalid date');
	}
	const name = typeof value === 'number' || value === undefined ? String(value) : kind;
	throw new UnsendableValue(`it contains a value that JSON can't represent (${name})`);
}

function rejectStructure(error: unknown): never {
	const isTooLarge = error instanceof RangeError;
	throw new UnsendableValue(
		isTooLarge ? 'it is nested too deeply or too large' : 'it contains itself',
	);
}

/** Escapes lone surrogates in JSON text, as `JSON.stringify` does. UTF-8 would replace them. */
export function escapeLoneSurrogates(json: string): string {
	return json.replace(LONE_SURROGATE, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
