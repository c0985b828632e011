import { readFileSync } from 'node:fs';
import path from 'node:path';

import { KNOWN_NAMES, namesOf, textsOf } from '../docs/parameters.cts';
import type { Text } from '../docs/parameters.cts';
import { sourcesIn } from '../docs/markdown.cts';
import { loadPackage } from '../support/dibbyPackage.cts';

/** Words that stay small inside a title. */
const SMALL = new Set('a an and at by for from in of on or per the to with'.split(' '));

/** Parameters stand in single quotes inside sentences, as in n8n's UX guidelines. */
const QUOTED_NAME = /(?<![\w$({])'([A-Z][\w ()]*)'(?!\w)/g;

let texts: Text[];
let names: Set<string>;
beforeAll(async () => {
	const { node, credential } = await loadPackage();
	const all = [
		...textsOf(node.description.properties),
		...textsOf(credential.properties, 'credential.'),
	];
	names = namesOf(all);
	// n8n adds these itself; their names count, their style is n8n's.
	texts = all.filter(({ where }) => !where.startsWith('requestOptions'));
});

function isTitleCase(title: string): boolean {
	const words = title.replace(/[()]/g, '').split(' ');
	return words.every((word, index) => {
		const isInner = index > 0 && index < words.length - 1;
		return /^[A-Z]/.test(word) || (isInner && SMALL.has(word));
	});
}

/** The quoted names in a text that are neither a parameter's nor another known one. */
function unknownNames(text: string): string[] {
	return [...text.matchAll(QUOTED_NAME)]
		.map(([, name = '']) => name)
		.filter((name) => !names.has(name) && !KNOWN_NAMES.has(name));
}

test('the checks find what is wrong', () => {
	expect(isTitleCase('Wait for Completion')).toBe(true);
	expect(isTitleCase('Wait for completion')).toBe(false);
	expect(unknownNames("Increase 'Time Limit' or lower 'Max Parallel Requests'.")).toEqual([]);
	expect(unknownNames("Increase 'Longest Wait'.")).toEqual(['Longest Wait']);
});

const TEXTS = ['description', 'hint', 'notice', 'error'];
const isSentence = (text: string) => {
	const sentences = text.split(/(?<=[.?!])\s+(?=[A-Z0-9])/).length;
	return /^["A-Z0-9]/.test(text) && sentences > 1 === text.endsWith('.');
};

test.each<[string, (text: Text) => boolean, (text: string) => boolean]>([
	[
		'names of parameters and choices are in title case',
		({ kind }) => kind === 'displayName' || kind === 'option',
		isTitleCase,
	],
	[
		'descriptions are sentences: one without a full stop, several with one at the end',
		({ kind }) => TEXTS.includes(kind),
		isSentence,
	],
	[
		'descriptions of switches begin with "Whether"',
		({ kind, type }) => kind === 'description' && type === 'boolean',
		(text) => text.startsWith('Whether '),
	],
	[
		'placeholders are examples',
		({ kind }) => kind === 'placeholder',
		(text) => /^(e\.g\. |Add )/.test(text),
	],
	[
		'actions are written as a sentence',
		({ kind }) => kind === 'action',
		(text) => /^[A-Z][a-z]+( [a-z]+)+$/.test(text),
	],
	[
		'no text of the description names a parameter that does not exist',
		({ kind }) => !['displayName', 'option'].includes(kind),
		(text) => unknownNames(text).length === 0,
	],
])('%s', (_rule, isMeant, isRight) => {
	const meant = texts.filter(isMeant);
	expect(meant).not.toEqual([]);
	const wrong = meant.filter(({ text }) => !isRight(text));
	expect(wrong.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
});

test('no error names a parameter that does not exist', () => {
	const sources = ['nodes', 'credentials'].flatMap((folder) => sourcesIn(folder));
	const wrong = sources.flatMap((file) => {
		const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
		const literals = code.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
		return literals
			.filter((literal) => literal.includes(' '))
			.flatMap((literal) =>
				unknownNames(literal.slice(1, -1)).map((name) => `${path.basename(file)}: ${name}`),
			);
	});
	expect(wrong).toEqual([]);
});
