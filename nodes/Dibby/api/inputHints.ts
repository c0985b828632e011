import { shorten } from '../errors';
import type { RunRequest } from '../types';
import type { Redactor } from './redact';

/** How many hints are shown, and how much is compared for them. */
const MAX_HINTS = 3;
const MAX_COMPARED_NAMES = 200;
const MAX_COMPARED_TEXT = 12_000;
const MAX_NAME = 200;

/** Likely reasons why Dibby rejected the inputs: files that weren't sent, and names that differ in case or blanks. */
export function inputHints(
	text: string,
	{ inputs, unsentFiles = [] }: RunRequest,
	redact: Redactor,
): string {
	const files = unsentFiles.slice(0, MAX_HINTS).map((name) => `'${shorten(name)}'`);
	const [some, them] = files.length === 1 ? ['a file', 'it'] : ['files', 'them'];
	const inputNames = inputs.map(({ name }) => name);
	const names = inputNames.slice(0, MAX_COMPARED_NAMES).flatMap((name) => {
		const other = otherSpelling(name, text.slice(0, MAX_COMPARED_TEXT));
		if (other === undefined || inputNames.includes(other)) return [];
		return `Dibby mentions '${redact.quote(other)}', but the input is named '${shorten(name)}'.`;
	});
	const ofFiles = `The item has ${some} in ${files.join(', ')}. Add ${them} under 'Documents'.`;
	return [...(files.length > 0 ? [ofFiles] : []), ...names.slice(0, MAX_HINTS)].join(' ');
}

/** Finds a name in a text if it differs there in upper and lower case or in blanks. */
function otherSpelling(name: string, text: string): string | undefined {
	const characters = [...name.replace(/\s/g, '')];
	if (characters.length === 0 || name.length > MAX_NAME) return undefined;
	const pattern = characters.map((one) => one.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')).join('\\s?');
	const word = '[\\p{L}\\p{N}_]';
	const spellings = text.matchAll(new RegExp(`(?<!${word})${pattern}(?!${word})`, 'giu'));
	const found = [...spellings].map(([spelling]) => spelling);
	return found.includes(name) ? undefined : found[0];
}
