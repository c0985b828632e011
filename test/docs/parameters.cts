/** A text that a user reads, with where it stands. */
export interface Text {
	kind:
		| ('displayName' | 'option' | 'action' | 'description')
		| ('hint' | 'placeholder' | 'notice' | 'error');
	text: string;
	/** Where it stands, for messages: `options.pollInterval`. */
	where: string;
	/** The parameter's own type, e.g. `boolean`; undefined for an option. */
	type?: string;
}

/** What parameters, their choices, and their modes have in common. */
interface Entry extends Partial<Record<'type' | 'displayName', string>> {
	name: string;
	options?: Entry[];
	values?: Entry[];
	modes?: Entry[];
	validation?: Array<{ properties?: { errorMessage?: string } }>;
}

/** All texts of a description's properties, at any depth. */
export function textsOf(entries: readonly object[], inside = ''): Text[] {
	return (entries as Entry[]).flatMap((entry) => {
		const { name, type, displayName, options = [], values = [], modes = [] } = entry;
		const where = `${inside}${name}`;
		const ownKind = displayName === undefined ? 'option' : 'displayName';
		const texts: Text[] = [
			{ kind: type === 'notice' ? type : ownKind, text: displayName ?? name, where, type },
		];
		for (const kind of ['description', 'action', 'hint', 'placeholder'] as const) {
			const text = (entry as Partial<Record<typeof kind, string>>)[kind];
			if (text) texts.push({ kind, text, where, type });
		}
		for (const { properties } of entry.validation ?? []) {
			const text = properties?.errorMessage;
			if (text) texts.push({ kind: 'error', text, where });
		}
		return [...texts, ...textsOf([...options, ...values, ...modes], `${where}.`)];
	});
}

/** The names that users see on parameters and their choices, also without what stands in brackets. */
export function namesOf(texts: readonly Text[]): Set<string> {
	const names = texts
		.filter(({ kind }) => kind === 'displayName' || kind === 'option')
		.map(({ text }) => text);
	return new Set(names.flatMap((name) => [name, name.replace(/ \([^)]*\)$/, '')]));
}

/** Quoted names that aren't the node's own: n8n's settings and choices. */
export const KNOWN_NAMES: ReadonlySet<string> = new Set([
	...['Allowed HTTP Request Domains', 'Batching', 'Continue', 'On Error', 'Proxy'],
	...['Request Options', 'Retry', 'Timeout', 'Timeout Workflow'],
]);
