import { randomBytes } from 'node:crypto';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { answerForAgent } from '../../dist/nodes/Dibby/output/agentAnswer.js';

const ID = 'run_abc123';
const answerTo = (result: unknown, limit = 0) =>
	answerForAgent({ json: { dibbyRunId: ID, ...(result as IDataObject) } }, limit).json;

/** The answer as n8n passes it to a model. */
const textFor = (result: unknown, limit = 0) => JSON.stringify([answerTo(result, limit)]);

describe('document content is hidden', () => {
	const bytes = randomBytes(1_000);
	const base64 = bytes.toString('base64');
	const inLines = (length: number, end: string) =>
		base64.replace(new RegExp(`.{${length}}`, 'g'), `$&${end}`);
	const uri = `data:application/pdf;base64,${base64}`;

	test.each<[string, IDataObject]>([
		['as a data URI', { a: uri }],
		['as a data URI in a text', { a: `See "${uri}", or <img src='${uri}'>` }],
		['as a key', { [uri]: 1, in: { [base64]: 2 } }],
		['in a list', { a: [[uri], base64] }],
		['as base64', { a: base64 }],
		['as base64 with the URL alphabet', { a: bytes.toString('base64url') }],
		['as hexadecimal digits', { a: bytes.toString('hex') }],
		['in lines of 76 characters', { a: inLines(76, '\r\n') }],
		['in lines of 64 characters', { a: `-----BEGIN-----\n${inLines(64, '\n')}\n-----END-----` }],
		['as a data URI in lines', { a: `data:a/b;base64,\n${inLines(76, '\n')}` }],
		['with escaped line breaks', { a: JSON.stringify(inLines(76, '\r\n')) }],
		['in lines of 48 characters', { a: inLines(48, '\n') }],
		['in JSON in a text', { a: JSON.stringify({ a: { b: uri } }) }],
		['percent-encoded', { a: encodeURIComponent(uri) }],
		['as a percent-encoded data URI', { a: `data:text/csv,${encodeURIComponent(base64)}` }],
		['as a file name', { a: { binaryField: 'a', fileName: uri, mimeType: base64, bytes: 1 } }],
	])('%s', (_how, result) => {
		const text = textFor(result);
		const hex = bytes.toString('hex');
		for (let at = 0; at < base64.length - 12; at += 4) {
			expect(text).not.toContain(base64.slice(at, at + 12));
			expect(text).not.toContain(hex.slice(at, at + 12));
		}
		expect(text).toContain('[document]');
		expect(text.length).toBeLessThan(200);
	});

	test.each([90, 130, 1_000])('%d characters anywhere in a long text', (length) => {
		const content = base64.slice(0, length);
		for (let start = 49_800; start <= 50_050; start += 10) {
			const { a } = answerTo({ a: `${'word '.repeat(start / 5)}${content} end` });
			expect((a as string).replaceAll('word ', '')).toBe('[document] end');
		}
	});

	test('a percent-encoded data URI that is longer than a slice', () => {
		const rows = 'Customer 1,12.50\n'.repeat(8_000);
		const result = { a: `data:text/csv,${encodeURIComponent(rows)}`, b: 'words' };
		expect(answerTo(result)).toEqual({ dibbyRunId: ID, a: '[document]', b: 'words' });
	});

	test('of a file on the item, whose name and size are told', () => {
		const file = { binaryField: 'a', fileName: 'a.pdf', mimeType: 'application/pdf', bytes: 5 };
		const told = 'File a.pdf (application/pdf, 5 bytes)';
		const others = { other: { bytes: 5, fileName: 'b' }, third: { binaryField: 'c' } };
		expect(answerTo({ file, ...others })).toEqual({ dibbyRunId: ID, file: told, ...others });
	});

	test('but other text is not', () => {
		const result = {
			url: 'https://dibby.ai/application/0f8fad5b-d9cb-469f-a165-70867728950e/workflow/7c9e6679-7425-40de-944b-e07fc1f90ae7',
			sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
			link: 'https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit',
			lines: `ACME\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n${'Total\n'.repeat(20)}`,
			iban: 'DE89370400440532013000',
			path: 'C:\\Invoices\\2026\\March\\invoice-0001.pdf',
			list: 'Total\nAmount\nVendor\nDate\n'.repeat(20),
			words: 'word '.repeat(500),
			metadata: 'metadata: a, data:2026,03',
		};
		expect(answerTo(result)).toEqual({ dibbyRunId: ID, ...result });
	});
});

describe('the limit', () => {
	test('holds for any result, and the run ID always comes first', () => {
		const result = fc.dictionary(
			fc.string({ unit: 'binary' }).filter((key) => !/^\d+$/.test(key)),
			fc.jsonValue(),
		);
		const property = fc.property(result, fc.nat(1_500), (json, limit) => {
			const answer = answerTo({ ...(json as IDataObject), dibbyRunId: ID }, limit);
			expect(Object.entries(answer)[0]).toEqual(['dibbyRunId', ID]);
			if (Object.keys(answer).length > 1 && limit > 0) {
				expect(JSON.stringify([answer]).length).toBeLessThanOrEqual(limit);
			}
		});
		fc.assert(property, { numRuns: 500 });
	});

	test.each([1, 50, 100, 200, 500, 1_000, 5_000])('of %d characters holds', (limit) => {
		for (const result of [
			{ text: '"\\\n\u0001'.repeat(1_000) },
			{ text: '😀\ud800'.repeat(1_000) },
			{ rows: Array.from({ length: 1_000 }, (_, n) => ({ n, text: 'some words' })) },
			Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key${n}`, n / 7])),
			{ ['k '.repeat(500)]: { ['k '.repeat(500)]: [[[['x '.repeat(500)]]]] } },
			{ dibbyNote: 'x '.repeat(5_000) },
		]) {
			const answer = answerTo(result, limit);
			expect(answer.dibbyRunId).toBe(ID);
			const isMinimal = Object.keys(answer).length === 1;
			if (!isMinimal) expect(JSON.stringify([answer]).length).toBeLessThanOrEqual(limit);
			expect(isMinimal).toBe(limit < 100);
			if (isMinimal || textFor(result).length <= limit) continue;
			expect(answer.dibbyNote).toMatch(/^Shortened: the whole result has \d+ characters$/);
		}
	});

	test('tells how much was left out', () => {
		const hundred = Array.from({ length: 100 }, (_, n) => n);
		const { list } = answerTo({ list: hundred }, 300) as { list: unknown[] };
		expect(list.slice(0, 3)).toEqual([0, 1, 2]);
		expect(list.at(-1)).toBe(`… ${100 - list.length + 1} more`);
		const members = Object.fromEntries(hundred.map((n) => [`n${n}`, n]));
		const object = answerTo({ object: members }, 400).object as IDataObject;
		expect(object['…']).toBe(`${100 - Object.keys(object).length + 1} more`);
		const { text } = answerTo({ text: 'word '.repeat(100) }, 200) as { text: string };
		expect(text).toMatch(/^(word )+\w*…$/);
		expect(answerTo({ list: [1, 2, 3] }, 1_000)).toEqual({ dibbyRunId: ID, list: [1, 2, 3] });
	});

	test('of exactly the length of a result leaves it as it is', () => {
		const result = { dibbyRunId: ID, text: 'word '.repeat(100) };
		const { length } = JSON.stringify([result]);
		expect(answerTo(result, length)).toEqual(result);
		expect(answerTo(result, length - 1)).toHaveProperty('dibbyNote');
	});

	test('leaves short fields next to long ones alone', () => {
		const rows = Array.from({ length: 500 }, (_, n) => ({ n, text: 'word '.repeat(50) }));
		const answer = answerTo({ vendor: 'ACME', rows, total: 12.5, currency: 'EUR' }, 2_000);
		expect(answer).toMatchObject({ vendor: 'ACME', total: 12.5, currency: 'EUR' });
		expect(JSON.stringify(answer).length).toBeGreaterThan(1_200);
		expect((answer.rows as unknown[]).at(-1)).toMatch(/^… \d+ more$/);
	});
});

test.each<[string, () => IDataObject]>([
	['a text of 10 MB', () => ({ a: 'word '.repeat(2_000_000) })],
	['base64 of 10 MB', () => ({ a: 'QUJD'.repeat(2_500_000) })],
	['lines of 10 MB', () => ({ a: `${'QUJ1'.repeat(19)}\r\n`.repeat(125_000) })],
	['short lines of 10 MB', () => ({ a: `${'a'.repeat(59)}\n`.repeat(170_000) })],
	['data URIs of 10 MB', () => ({ a: 'data:a/b;base64,'.repeat(600_000) })],
	['a long data URI', () => ({ a: `data:a/b,${'.'.repeat(10_000_000)}` })],
	['nearly data URIs of 10 MB', () => ({ a: 'data:'.repeat(2_000_000) })],
	['4,000,000 numbers', () => ({ a: Array(4_000_000).fill(1) })],
	['250,000 objects', () => ({ a: Array(250_000).fill({ n: 1 }) })],
])('%s take seconds at most', (_what, result) => {
	const json = result();
	for (const limit of [0, 2_000]) {
		const start = performance.now();
		const answer = answerTo(json, limit);
		expect(performance.now() - start).toBeLessThan(15_000);
		if (limit > 0) expect(JSON.stringify([answer]).length).toBeLessThanOrEqual(limit);
	}
});

test('deep data is cut', () => {
	const json = JSON.parse(`${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`) as IDataObject;
	expect(textFor(json)).toContain('{"a":"…"}');
	expect(textFor(json, 100).length).toBeLessThanOrEqual(100);
});
