import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

/** A text that a user reads, with where it stands. */
export interface Text {
	kind:
		| 'displayName'
		| 'option'
		| 'action'
		| 'description'
		| 'hint'
		| 'placeholder'
		| 'notice'
		| 'error';
	text: string;
	/** Where it stands, for messages: `options.pollInterval`. */
	where: string;
	/** The parameter's own type, e.g. `boolean`; undefined for an option. */
	type?: string;
}

type Entry = INodeProperties | INodePropertyOptions | INodePropertyCollection;

/** All texts of a description's properties, at any depth. */
export function textsOf(properties: readonly Entry[], inside = ''): Text[] {
	return properties.flatMap((entry) => {
		const where = `${inside}${entry.name}`;
		return [...ownTexts(entry, where), ...innerTexts(entry, where)];
	});
}

function ownTexts(entry: Entry, where: string): Text[] {
	const texts: Text[] = [];
	const add = (kind: Text['kind'], text: string | undefined, type?: string) => {
		if (text !== undefined && text !== '') texts.push({ kind, text, where, type });
	};
	const type = 'type' in entry ? entry.type : undefined;
	if (type === 'notice' && 'displayName' in entry) add('notice', entry.displayName);
	else if ('displayName' in entry) add('displayName', entry.displayName, type);
	else add('option', entry.name);
	if ('description' in entry) add('description', entry.description, type);
	if ('action' in entry) add('action', entry.action);
	if ('hint' in entry) add('hint', entry.hint);
	if ('placeholder' in entry) add('placeholder', entry.placeholder);
	return texts;
}

function innerTexts(entry: Entry, where: string): Text[] {
	const inside = `${where}.`;
	const texts: Text[] = [];
	if ('options' in entry) texts.push(...textsOf(entry.options ?? [], inside));
	if ('values' in entry) texts.push(...textsOf(entry.values, inside));
	const modes = 'modes' in entry ? (entry.modes ?? []) : [];
	for (const mode of modes) {
		texts.push({ kind: 'displayName', text: mode.displayName, where: `${inside}${mode.name}` });
		if (mode.hint) texts.push({ kind: 'hint', text: mode.hint, where: `${inside}${mode.name}` });
		for (const validation of mode.validation ?? []) {
			if (typeof validation === 'function') continue;
			const { errorMessage } = validation.properties as { errorMessage?: string };
			if (errorMessage) {
				texts.push({ kind: 'error', text: errorMessage, where: `${inside}${mode.name}` });
			}
		}
	}
	return texts;
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
	'Allowed HTTP Request Domains',
	'Batching',
	'Continue',
	'On Error',
	'Proxy',
	'Request Options',
	'Retry',
	'Timeout',
	'Timeout Workflow',
]);
