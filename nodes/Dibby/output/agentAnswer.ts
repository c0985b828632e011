import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

/** A document's bytes as text, wherever they stand: as a data URI, in one piece, or in lines as emails have them. */
const CONTENT =
	/data:[\w.+/;=-]{0,200};base64,[A-Za-z0-9+/=_-]*|(?:[A-Za-z0-9+/]{60,76}\r?\n){2,}[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9+/_-]{200,}={0,2}/g;

/** Tried in this order until the answer is short enough: the longest text, and the most members of a list or object. */
const CUTS = [
	{ characters: 1_000, members: 50 },
	{ characters: 300, members: 20 },
	{ characters: 100, members: 12 },
	{ characters: 40, members: 6 },
	{ characters: 20, members: 3 },
];

const UNCUT = { characters: Infinity, members: Infinity };

/** Nothing that a model could use is deeper, and no depth can be too much for the code. */
const DEEPEST = 50;

/**
 * Makes a result fit for a language model: documents are named, never shown, and it is short.
 *
 * @param limit the most characters, as JSON; 0 for no limit
 * @returns the item with the same files; `dibbyNote` says when something was left out
 */
export function answerForAgent(item: INodeExecutionData, limit: number): INodeExecutionData {
	const whole = shortened(item.json, UNCUT) as IDataObject;
	const characters = JSON.stringify(whole).length;
	if (limit === 0 || characters <= limit) return { ...item, json: whole };
	const dibbyNote = `Shortened: the whole result has ${characters} characters`;
	for (const cut of CUTS) {
		const json = { ...(shortened(item.json, cut) as IDataObject), dibbyNote };
		if (JSON.stringify(json).length <= limit) return { ...item, json };
	}
	const { id, status, dibbyRunId } = whole;
	return { ...item, json: { id, status, dibbyRunId, dibbyNote } };
}

function shortened(value: unknown, cut: (typeof CUTS)[number], depth = 0): unknown {
	if (typeof value === 'string') return shortText(value.replace(CONTENT, '[document]'), cut);
	if (typeof value !== 'object' || value === null) return value;
	if (depth === DEEPEST) return '…';
	if (Array.isArray(value)) {
		const rest = value.length > cut.members ? [`… ${value.length - cut.members} more`] : [];
		const shown = value.slice(0, cut.members).map((member) => shortened(member, cut, depth + 1));
		return [...shown, ...rest];
	}
	const entries = Object.entries(value);
	const { binaryField, fileName, mimeType, bytes } = value as Record<string, unknown>;
	const isFile = entries.length === 4 && typeof binaryField === 'string';
	if (isFile && typeof bytes === 'number') {
		return `File ${String(fileName)} (${String(mimeType)}, ${bytes} bytes)`;
	}
	return Object.fromEntries(
		entries
			.slice(0, cut.members)
			.map(([key, member]) => [shortText(key, cut), shortened(member, cut, depth + 1)]),
	);
}

function shortText(text: string, { characters }: (typeof CUTS)[number]): string {
	return text.length > characters ? `${text.slice(0, characters)}…` : text;
}
