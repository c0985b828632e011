import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';

import { openBody } from '../../dist/nodes/Dibby/api/requestBody.js';
import { inputsOf } from '../../dist/nodes/Dibby/input/inputs.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, inMemoryFile, sha256, triggerRun, WAIT } from '../support/jobs.cts';
import { storeFile } from '../support/n8n.cts';
import { useSuite } from '../support/suite.cts';

// Which files of an item are sent, also where a careless node made them.
const suite = useSuite();
const PDF = Buffer.from('%PDF-1.7 a scan');
const BASE64 = PDF.toString('base64');
const DATA_URI = `data:application/pdf;base64,${BASE64}`;
const pdf = (content: Buffer | string) => inMemoryFile(content, 'application/pdf');
/** Files whose contents are their names. */
const filesOf = (...names: string[]) =>
	Object.fromEntries<IBinaryKeyData[string]>(names.map((name) => [name, pdf(name)]));

/** Runs an item with these files, and gives the inputs as Dibby got them, or the error. */
async function run(parameters: IDataObject, binary: unknown, json: object = {}, settings = {}) {
	const step = triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...parameters });
	const item = { json, binary } as never;
	const { items, error } = await suite.engine.run(step, { items: [item], settings });
	if (error !== undefined) expect(suite.sandbox.requests).toHaveLength(0);
	return { got: items[0]?.json, error };
}
async function send(binary: unknown, binaryField: unknown = 'data', sendAs = 'single') {
	const { got, error } = await run(document('x', binaryField, sendAs), binary);
	return { got: got?.x, error };
}

describe("'Input Binary Field'", () => {
	test.each<[unknown, string[], string[]]>([
		['b, att_*, att_1', ['a', 'att_0', 'att_1', 'b'], ['b', 'att_0', 'att_1']],
		['a,b', ['a,b', 'a'], ['a,b']],
		[' a ,, b,', ['a', 'b'], ['a', 'b']],
		['a.*', ['a.1', 'ab'], ['a.1']],
		['c*d', ['c\nd'], ['c\nd']],
		['*', ['a', 'b'], ['a', 'b']],
		['={{ Object.keys($binary) }}', ['a', 'b,c', 'd*', 'dd'], ['a', 'b,c', 'd*', 'dd']],
		["={{ ['b,c', 'a'] }}", ['a', 'b,c'], ['b,c', 'a']],
	])('%j of the files %j sends %j', async (binaryField, names, sent) => {
		const { got, error } = await send(filesOf(...names), binaryField, 'list');
		expect(error).toBeUndefined();
		expect(got).toMatchObject(sent.map((name) => ({ sha256: sha256(name) })));
	});

	test.each(['a*b*c', '*', 'ab*', '*bc', 'a**c', 'abc*'])('%s matches abc', async (field) => {
		expect((await send(filesOf('abc'), field)).error).toBeUndefined();
	});

	test.each(['a*d', 'x**', '*x*', '**x', 'abc*c', 'ab*bc', '*ab', 'bc*', 'A*'])(
		'%s does not match abc',
		async (field) => {
			const message = `The item has no binary field "${field}" for the input "x"`;
			expect((await send(filesOf('abc'), field)).error?.message).toBe(message);
		},
	);

	test.each([
		['={{ $binary.data }}', 'single'],
		['={{ [$binary.data] }}', 'single'],
		['={{ ({ ...$binary.data, fileName: undefined }) }}', 'single'],
		['={{ Object.values($binary) }}', 'list'],
		...[DATA_URI, `={{ '${DATA_URI}' }}`, `={{ ['${DATA_URI}'] }}`].map((uri) => [uri, 'single']),
	])('%s is a file that n8n stores, or a data URI', async (value, sendAs) => {
		const binary = value.includes('$binary') ? { data: await storeFile(PDF) } : {};
		const { got } = await send(binary, value, sendAs);
		const sent = { mediaType: 'application/pdf', sha256: sha256(PDF) };
		expect([got].flat()).toMatchObject([sent]);
	});

	test.each([
		['invoice', 'The item has no binary field "invoice" for the input "x"'],
		['x, nope', 'The item has no binary field "nope" for the input "x"'],
		['att_*', 'The item has no binary field "att_*" for the input "x"'],
		['', 'No binary field is set for the input "x"'],
		[' , ', 'No binary field is set for the input "x"'],
	])('%j is an error that lists what is there', async (binaryField, message) => {
		const { error } = await send(filesOf('x', 'y'), binaryField);
		expect(error?.message).toBe(message);
		expect(error?.description).toContain('The item has: "x", "y".');
	});

	test.each(['={{ $binary.y }}', '={{ [$binary.x, 1] }}', '={{ null }}', '={{ { a: 1 } }}'])(
		'%s gives no file',
		async (expression) => {
			const { error } = await send(filesOf('x'), expression);
			expect(error?.message).toBe(`The value for the input "x" isn't a file`);
		},
	);

	test('an item with null in place of files has none', async () => {
		expect((await send(null)).error?.description).toContain('The item has no files.');
	});

	test("a file's content in place of its name is not repeated", async () => {
		const content = 'QUJD'.repeat(50_000);
		const { error } = await send(filesOf('x'), content);
		expect(error?.message).toContain(`no binary field "${content.slice(0, 40)}…" for`);
		const damaged = await send({}, `data:application/pdf;base64,${'!'.repeat(1000)}`);
		expect(damaged.error?.message).toBe('The file in "data URI" for the input "x" is damaged');
	});

	test('of many missing names, a message lists twenty', async () => {
		const names = Array.from({ length: 1000 }, (_value, index) => `f${index}`);
		const { error } = await send(filesOf(...names), 'x');
		expect(error?.description).toContain('"f18", "f19", …. ');
	});

	test.each(['={{ undefined }}', 'List'])("'Send As' with the value %j is an error", async (as) => {
		const { error } = await send(filesOf('data'), 'data', as);
		expect(error?.message).toMatch(/^'Send As' has an unsupported value: "\w+"$/);
	});

	test.each(['f*', 'names'])('130,000 files by %s', async (wanted) => {
		const names = Array.from({ length: 130_000 }, (_value, index) => `f${index}`);
		const binary = Object.fromEntries(names.map((name) => [name, pdf('a')]));
		const binaryField = wanted === 'names' ? names : wanted;
		const documents = [{ inputName: 'x', binaryField, sendAs: 'list' as const }];
		const item = { json: {}, binary, hasFilesInJson: false };
		const [planned] = await inputsOf({} as never, item, { values: 'item', documents }, []);
		const plan = { workflowId: 'w', inputs: planned?.inputs ?? [] };
		const { content } = await openBody({} as never, plan, 'workflowId');
		expect(String(content as Buffer).split(';base64,YQ==')).toHaveLength(130_001);
	});

	test.each([
		['brackets', '['.repeat(9_000_000)],
		['one bracket', `[${'a'.repeat(9_000_000)}`],
		['digits', `.${'1'.repeat(9_000_000)}`],
		['commas', ','.repeat(9_000_000)],
		['stars', `${'*a'.repeat(50)}*b`],
	])('a long text of %s is rejected right away', async (_what, text) => {
		const binary = filesOf('a'.repeat(100_000));
		const { error } = await run(document('x', '={{ $json.text }}'), binary, { text });
		expect(error?.message).toMatch(/^(The item has no|No) binary field/);
	});
});

test.each([
	{ data: 'database', mimeType: 'application/pdf' },
	{ data: 'filesystem' },
	{ data: 'filesystem-v2', id: '' },
	{ data: 's3', id: null },
	{ data: 'azure-blob', id: 7, fileName: 'a.pdf' },
	{ mimeType: 'application/pdf', fileName: 'a.pdf' },
	{ data: null },
	{},
	null,
	5,
])('a file without its content, %j, is an error, and nothing is sent', async (file) => {
	const { error } = await send({ data: file });
	const message = `The content of the file in "data" for the input "x" wasn't copied`;
	expect(error?.message).toBe(message);
});

describe('a file with', () => {
	const mimeType = 'application/pdf';

	test.each<[what: string, file: object, content?: Buffer | string]>([
		['a Buffer as data', { data: PDF }],
		['a Uint8Array as data', { data: new Uint8Array(PDF) }],
		['a Buffer that went through JSON', { data: JSON.parse(JSON.stringify(PDF)) as unknown }],
		['a data URI as data', { data: DATA_URI }],
		['base64 in lines', { data: BASE64.replace(/=*$/, '').replace(/.{4}/g, '$&\r\n') }],
		['a number as ID', { data: BASE64, id: 17 }],
		['null as ID', { data: BASE64, id: null }],
		['an empty ID', { data: BASE64, id: '' }],
		['an ID of another service', { data: BASE64, id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs' }],
		['a file name that is no text', { data: BASE64, fileName: ['a'] }],
		['a media type that is no text', { data: BASE64, mimeType: 5 }],
		['nothing but data', { data: BASE64 }],
		['the URL alphabet', { data: '-_-_', mimeType }, Buffer.from('+/+/', 'base64')],
		['two bytes without padding', { data: 'aGk', mimeType }, 'hi'],
		['one byte without padding', { data: 'YQ', mimeType }, 'a'],
		['too much padding', { data: 'YQ===', mimeType }, 'a'],
		['white space in its base64', { data: 'YW Jj\r\n\r\nYWJj\n', mimeType }, 'abcabc'],
	])('%s is sent', async (_what, file, content = PDF) => {
		const { got, error } = await send({ data: file });
		expect(error).toBeUndefined();
		const sent = { mediaType: mimeType, bytes: content.length, sha256: sha256(content) };
		expect(got).toMatchObject(sent);
	});

	test.each([
		...['YW=Jj', 'YWJjY', 'YWJjYWJj!', 'YWJ*', '*WJj'],
		...[7, true, {}, { type: 'Buffer' }, ['YQ==']],
	])('the data %j is damaged', async (data) => {
		const { error } = await send({ data: { data, mimeType } });
		expect(error?.message).toBe('The file in "data" for the input "x" is damaged');
	});

	test.each([
		['without line breaks', Buffer.alloc(30_000_000, 'a').toString('base64')],
		['with line breaks', `${Buffer.alloc(57, 'a').toString('base64')}\r\n`.repeat(400_000)],
		['with padding only', '='.repeat(9_000_000)],
		['with a wrong last character', `${'A'.repeat(30_000_000)}!`],
		['of blanks only', ' '.repeat(9_000_000)],
	])('much content is checked in linear time: %s', async (_what, data) => {
		const begin = Date.now();
		await run(document('x'), { data: { data, mimeType } });
		expect(Date.now() - begin).toBeLessThan(20_000);
	});
});

describe('files in the JSON of the item (binary mode "combined")', () => {
	const json = {
		total: 5,
		picture: pdf('picture'),
		docs: [
			{ file: pdf('first'), note: 'a' },
			{ file: pdf('second'), note: 'b' },
		],
		only: [pdf('third')],
		drive: { id: '1abc', mimeType: 'application/pdf', name: 'no file' },
		'a b': { 'c.d': pdf('fourth') },
		data: pdf('field'),
		_files: { data: pdf('stored'), untyped: { data: 'YQ==' } },
	};
	const runCombined = async (parameters: IDataObject, item: object = json) =>
		await run(parameters, undefined, item, { binaryMode: 'combined' });

	test.each([
		['picture', 'picture'],
		['docs[0].file', 'first'],
		['docs[1].file', 'second'],
		['only[0]', 'third'],
		['a b.c.d', 'fourth'],
		['data', 'field'],
		['_files.data', 'stored'],
		['untyped', 'a'],
	])('%s is a path to a file', async (path, content) => {
		const { got, error } = await runCombined(document('x', path));
		expect(error).toBeUndefined();
		expect(got?.x).toMatchObject({ sha256: sha256(content) });
	});

	test.each(['docs', 'docs[0]', 'docs[2].file', 'drive', 'total', '[[[['])(
		'%s is no path to a file, and the message lists those that are',
		async (path) => {
			const { error } = await runCombined(document('x', path));
			expect(error?.message).toBe(`The item has no binary field "${path}" for the input "x"`);
			expect(error?.description).toContain(
				'"picture", "data", "only[0]", "a b.c.d", "_files.data", "untyped", "docs[0].file"',
			);
		},
	);

	test('patterns match paths', async () => {
		const { got } = await runCombined(document('x', 'docs*.file', 'list'));
		expect(got?.x).toHaveLength(2);
	});

	test('From the Incoming Item sends everything but the files', async () => {
		const { got } = await runCombined({ specifyInputs: 'item', documents: {} });
		const docs = [{ note: 'a' }, { note: 'b' }];
		expect(got).toMatchObject({ total: 5, docs, drive: json.drive, 'a b': {} });
		expect(JSON.stringify(got)).not.toContain('base64');
		expect(Object.keys(got ?? {})).not.toContain('picture');
	});

	test('a list of files is left out, and files in another list, but no other list', async () => {
		const lists = { mixed: [pdf('c'), 1], inside: { files: [pdf('d')] }, none: [] };
		const json = { files: [pdf('a'), pdf('b')], ...lists };
		const { got } = await runCombined({ specifyInputs: 'item', documents: {} }, json);
		expect(got).toEqual({ mixed: [1], inside: {}, none: [] });
	});

	test('an item that contains itself is an error', async () => {
		const item: Record<string, unknown> = { file: pdf('a') };
		item.self = item;
		const { error } = await runCombined({ specifyInputs: 'item', ...document('x', 'file') }, item);
		expect(error?.message).toBe(`The input "self" can't be sent: it contains a circular reference`);
	});
});

describe('a row without a Start Node input', () => {
	type Row = [inputName: string, binaryField?: string];
	async function runRows(given: Row[], ...names: string[]) {
		const rows = given.flatMap((row) => document(...row).documents.rows);
		return await run({ documents: { rows } }, filesOf(...names));
	}

	test('is ignored if the item has no file, or if another row sends the only file', async () => {
		expect((await runRows([['']])).error).toBeUndefined();
		const { got, error } = await runRows([['invoice', 'attachment_0'], ['']], 'attachment_0');
		expect(error).toBeUndefined();
		expect(got).toMatchObject({ invoice: { sha256: sha256('attachment_0') } });
	});

	test.each<[rows: Row[], names: string[], field: string]>([
		[[['']], ['attachment_0'], 'attachment_0'],
		[[['', 'attachment_*']], ['a', 'attachment_0'], 'a'],
		[[['x', 'a'], ['']], ['a', 'b'], 'b'],
	])('of %j asks for one if the item has a file', async (rows, names, field) => {
		const { error } = await runRows(rows, ...names);
		expect(error?.message).toBe(`Name the Start Node input for the file in '${field}'`);
	});
});
