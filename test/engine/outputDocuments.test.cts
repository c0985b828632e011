import type { IExecuteFunctions } from 'n8n-workflow';

import { contentOf, useBinaryMode } from '../support/n8n.cts';
import type { BinaryMode } from '../support/n8n.cts';
import { echo, WAIT } from '../support/jobs.cts';
import { nodeType, textParameter } from '../support/nodeTypes.cts';
import { useSuite } from '../support/suite.cts';
import type { Suite } from '../support/suite.cts';

/** Reads a file of its item by the name or path that a parameter gives, as n8n's own nodes do. */
const reader = nodeType(
	'reader',
	async function (this: IExecuteFunctions) {
		const field = this.getNodeParameter('field', 0) as string;
		const { mimeType } = this.helpers.assertBinaryData(0, field);
		const content = await this.helpers.getBinaryDataBuffer(0, field);
		return [[{ json: { field, mimeType, base64: content.toString('base64') } }]];
	},
	{ properties: [textParameter('field')] },
);

const MODES: BinaryMode[] = ['default', 'filesystem'];
const CONTENT = Buffer.from([251, 255, 190, 255, 250, 0, 1]);
const BASE64 = CONTENT.toString('base64');
const uri = (base64: string, mediaType = 'application/pdf') => `data:${mediaType};base64,${base64}`;
const inLines = (text: string, end: string, length = 4) =>
	(text.match(new RegExp(`.{1,${length}}`, 'g')) ?? []).join(end);

/** Runs a workflow whose result is this output, and then a step that reads the file with this name or path. */
async function runFor(
	{ sandbox, engine }: Suite,
	output: unknown,
	{ parameters = {}, field = '', settings = {} } = {},
) {
	sandbox.failOn('GET', { kind: 'output', output });
	const then = field === '' ? [] : [{ type: 'reader', parameters: { field } }];
	return await engine.run([echo({ ...WAIT, ...parameters }), ...then], { settings });
}

describe.each(MODES)('documents in an output, with n8n in the binary mode "%s"', (binaryMode) => {
	const suite = useSuite({}, { binaryMode, more: { reader } });

	test.each([
		['line breaks', inLines(BASE64, '\n')],
		['line breaks of Windows', `${inLines(BASE64, '\r\n')}\r\n`],
		['a line break first', `\n${BASE64}`],
		['white space', inLines(BASE64, ' \t')],
		['no padding', BASE64.replace(/=+$/, '')],
		['the URL alphabet', CONTENT.toString('base64url')],
		['the URL alphabet with padding', BASE64.replaceAll('+', '-').replaceAll('/', '_')],
		['all of them', inLines(CONTENT.toString('base64url'), '\r\n', 3)],
	])('base64 with %s becomes a file with the right bytes', async (_what, base64) => {
		const output = { report: uri(base64), list: [{ page: uri(base64) }] };
		const { items, error } = await runFor(suite, output);
		expect(error).toBeUndefined();
		const { json, binary } = items[0] ?? {};
		const reference = { mimeType: 'application/pdf', bytes: CONTENT.length };
		expect(json).toEqual({
			report: { ...reference, binaryField: 'report', fileName: 'report.pdf' },
			list: [{ page: { ...reference, binaryField: 'list_0_page', fileName: 'list_0_page.pdf' } }],
		});
		expect(await contentOf(binary?.report)).toEqual(CONTENT);
		expect(await contentOf(binary?.list_0_page)).toEqual(CONTENT);
	});

	test.each([
		...['a sentence, not base64!', 'YWJjY', 'YW=Jj', 'YWJj*WJj', '===='].map((text) => uri(text)),
		...['YWJj\u2028YWJj.', `${'A'.repeat(10_000)}!`].map((text) => uri(text)),
		...['data:application/pdf,plain', 'data:;base64;x,AAAA', 'data:', ''],
		'prefix data:text/plain;base64,AAAA',
		`data:text/plain;x=${'y'.repeat(400)};base64,aGk=`,
	])('what is no document stays as it came: %j', async (text) => {
		const { items, error } = await runFor(suite, { text });
		expect(error).toBeUndefined();
		expect(items[0]?.json).toEqual({ text });
		expect(items[0]?.binary).toBeUndefined();
	});

	test('nothing is repaired when documents stay in the JSON', async () => {
		const text = uri(inLines(BASE64, '\n'));
		const parameters = { options: { documentsAsFiles: false } };
		const { items } = await runFor(suite, { text }, { parameters });
		expect(items[0]?.json).toEqual({ text });
	});

	test.each(['run', 'output'])('a document in __proto__, with "%s"', async (output) => {
		const text = `{"__proto__":"${uri(BASE64)}","in":{"__proto__":["${uri(BASE64)}"]}}`;
		const { items, error } = await runFor(suite, JSON.parse(text), { parameters: { output } });
		expect(error).toBeUndefined();
		const { json, binary } = items[0] ?? {};
		const fields = Object.keys(binary ?? {});
		expect(fields).toHaveLength(2);
		expect(fields).not.toContain('__proto__');
		for (const field of fields) expect(await contentOf(binary?.[field])).toEqual(CONTENT);
		const shown = JSON.stringify(output === 'run' ? json?.output : json);
		const reference = (binaryField: unknown) => {
			const file = { fileName: `${String(binaryField)}.pdf`, mimeType: 'application/pdf' };
			return JSON.stringify({ binaryField, ...file, bytes: CONTENT.length });
		};
		expect(shown).toBe(
			`{"__proto__":${reference(fields[0])},"in":{"__proto__":[${reference(fields[1])}]}}`,
		);
		expect(Object.getPrototypeOf({})).toBe(Object.prototype);
	});

	test('where files are apart from the fields, a later node finds the file by the name in the reference', async () => {
		const field = '={{ $json.table.binaryField }}';
		const { items } = await runFor(suite, { table: uri(BASE64, 'text/csv') }, { field });
		expect(items[0]?.json).toEqual({ field: 'table', mimeType: 'text/csv', base64: BASE64 });
	});
});

describe('documents in an output, in the combined binary mode', () => {
	const suite = useSuite({}, { more: { reader } });
	const settings = { binaryMode: 'combined' };
	const table = { table: uri(BASE64, 'text/csv'), 'two words': [uri(BASE64)] };

	test.each([
		['output', '={{ $json.table.binaryField }}', '_files.table', 'text/csv'],
		['run', '={{ $json.output.table.binaryField }}', '_files.table', 'text/csv'],
		['output', '={{ $json["two words"][0].binaryField }}', '_files.two_words_0', 'application/pdf'],
	])('a later node finds the file by its path: "%s", %s', async (output, field, path, mimeType) => {
		const { items } = await runFor(suite, table, { parameters: { output }, field, settings });
		expect(items[0]?.json).toEqual({ field: path, mimeType, base64: BASE64 });
	});

	test('a file in memory stays a binary field, since n8n moves only stored files, and the reference names that field', async () => {
		await useBinaryMode('default');
		const { items } = await runFor(suite, { table: uri(BASE64) }, { settings });
		expect(Object.keys(items[0]?.binary ?? {})).toEqual(['table']);
		expect(items[0]?.json.table).toMatchObject({ binaryField: 'table' });
	});
});
