import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { RUN_ID_FIELD } from '../types';

const DATA_URI =
	/data:[\w.+-]{0,100}[/;][\w.+/;=-]{0,200},(?:(?<=base64,)[\w+/=%\\\r\n-]*|[^\s"'<>]*)/gi;

/** A character of base64, also with the URL alphabet, percent-encoded, in lines, or with escaped line breaks. */
const CHARACTER = String.raw`[\w+/=%\\\r\n-]`;
/** Or a URL, whose path may look like base64. */
const BASE64 = new RegExp(`https?://[^\\s"'<>]{1,2000}|${CHARACTER}+`, 'g');
const BASE64_AT_END = new RegExp(`(?<!${CHARACTER})${CHARACTER}+$`);

/** Characters that are searched at a time: a pattern that matches megabytes overflows the stack. */
const SLICE = 50_000;

/** An unbroken run of at least this many characters is content. */
const MIN_CONTENT = 120;

/** A model can't use deeper data. */
const MAX_DEPTH = 50;

/** Minimum share of a member, in characters: enough for a number or for the note on what was left out. */
const MIN_SHARE = 60;

/** Maximum length of the note on how many members were left out. */
const NOTE_LENGTH = 24;

/**
 * Makes a result fit for a language model: short, and with the names of documents instead of their content.
 *
 * @param limit maximum number of characters, as JSON; 0 for no limit
 * @returns the item with the same files; its `dibbyRunId` comes first and is never cut
 */
export function answerForAgent(item: INodeExecutionData, limit: number): INodeExecutionData {
	const { [RUN_ID_FIELD]: dibbyRunId, ...rest } = item.json;
	const result = withoutContent(rest) as IDataObject;
	// n8n passes the model a list of items.
	const lengthOf = (json: IDataObject) => JSON.stringify([json]).length;
	const whole: IDataObject = { dibbyRunId, ...result };
	const length = lengthOf(whole);
	if (limit === 0 || length <= limit) return { ...item, json: whole };
	const head = { dibbyRunId, dibbyNote: `Shortened: the whole result has ${length} characters` };
	const cut = shorten(result, limit - lengthOf(head)) as IDataObject;
	const fits = (json: IDataObject) => lengthOf(json) <= limit;
	return { ...item, json: [{ ...head, ...cut, ...head }, head].find(fits) ?? { dibbyRunId } };
}

function withoutContent(value: unknown, depth = 0): unknown {
	if (typeof value === 'string') return hideContent(value);
	if (typeof value !== 'object' || value === null) return value;
	if (depth === MAX_DEPTH) return '…';
	const inside = (member: unknown) => withoutContent(member, depth + 1);
	if (Array.isArray(value)) return value.map(inside);
	const { binaryField, fileName, mimeType, bytes } = value as Record<string, unknown>;
	if (typeof binaryField === 'string' && typeof bytes === 'number') {
		return hideContent(`File ${String(fileName)} (${String(mimeType)}, ${bytes} bytes)`);
	}
	const entries = Object.entries(value);
	return Object.fromEntries(entries.map(([key, member]) => [hideContent(key), inside(member)]));
}

function hideContent(text: string): string {
	let hidden = '';
	for (let at = 0, end = 0; at < text.length; at = end) {
		end = at + SLICE;
		// A short run at the end goes to the next slice, because it may continue there.
		const short = end < text.length && BASE64_AT_END.exec(text.slice(end - MIN_CONTENT, end));
		if (short) end -= short[0].length % MIN_CONTENT;
		const slice = text.slice(at, end);
		// What the slice before ended with may continue, too.
		const rest = hidden.endsWith('[document]') ? slice.replace(/^[^ \t"'<>]+/, '') : slice;
		hidden += rest.replace(DATA_URI, '[document]').replace(BASE64, hideBase64);
	}
	return hidden;
}

/** Wrapped base64 has lines of equal length. Any other line is judged on its own. */
function hideBase64(run: string): string {
	if (run.includes('://')) return run;
	const lines = run.split(/[\r\n]+/);
	const isBlock = lines.some(
		(line, n) => line.length >= 40 && line.length === lines[n + 1]?.length,
	);
	if (isBlock) return '[document]';
	return run.replace(/[^\r\n]+/g, (line) => (isContent(line) ? '[document]' : line));
}

/** Spares words, IDs, and hashes. */
function isContent(line: string): boolean {
	const isMixed = /[a-z]/.test(line) && /[A-Z]/.test(line) && /\d/.test(line);
	return line.length >= MIN_CONTENT || (line.length >= 60 && isMixed);
}

/**
 * Shortens a value so that its JSON fits. Short fields of an object come first; apart from that, each member of a list
 * or object gets an equal share of what is left.
 */
function shorten(value: unknown, characters: number): unknown {
	if (typeof value === 'string') return shortenText(value, characters);
	if (typeof value !== 'object' || value === null) return value;
	const rank = ([, member]: [string, unknown]) =>
		Number(typeof member === 'object' || String(member).length > MIN_SHARE);
	const isList = Array.isArray(value);
	const fields = isList ? undefined : Object.entries(value).sort((a, b) => rank(a) - rank(b));
	const size = fields?.length ?? (value as unknown[]).length;
	const members: Array<[string, unknown]> = [];
	let left = characters - NOTE_LENGTH;
	for (let index = 0; index < size && left >= MIN_SHARE; index++) {
		const share = Math.max(MIN_SHARE, Math.floor(left / (size - index)));
		const [name, original] = fields?.[index] ?? [undefined, (value as unknown[])[index]];
		const key = name === undefined ? undefined : shortenText(name, share / 2);
		const keyLength = key === undefined ? 1 : JSON.stringify(key).length + 2;
		const member = shorten(original, share - keyLength);
		members.push([key ?? '', member]);
		left -= keyLength + JSON.stringify(member).length;
	}
	const rest = size - members.length;
	if (rest > 0) members.push(fields ? ['…', `${rest} more`] : ['', `… ${rest} more`]);
	return fields ? Object.fromEntries(members) : members.map(([, member]) => member);
}

function shortenText(text: string, characters: number): string {
	let length = JSON.stringify('…').length;
	let end = 0;
	for (const character of text) {
		length += JSON.stringify(character).length - 2;
		if (length > characters) return `${text.slice(0, end)}…`;
		end += character.length;
	}
	return text;
}
