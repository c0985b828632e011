import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BinaryDataService } from 'n8n-core';
import type { IExecuteFunctions, INodeType } from 'n8n-workflow';

import { openBody } from '../../dist/nodes/Dibby/api/requestBody.js';
import { inputsOf, unmatchedFiles } from '../../dist/nodes/Dibby/input/inputs.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { Container } from '../support/n8n.cts';
import { useSuite } from '../support/suite.cts';

// Files as Code nodes and other careless nodes output them.
const WAIT = { waitForCompletion: true, output: 'output' };
const PDF = Buffer.from('%PDF-1.7 a scan');
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
const inMemory = (content: Buffer | string, name?: string) =>
	inMemoryFile(content, 'application/pdf', name);

/** Outputs binary data exactly as given, including what JSON can't hold. */
let given: unknown;
const careless: INodeType = {
	description: {
		displayName: 'Careless',
		name: 'careless',
		group: [],
		version: 1,
		description: 'Careless',
		defaults: { name: 'Careless' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	},
	async execute(this: IExecuteFunctions) {
		return await Promise.resolve([[{ json: {}, binary: given as never }]]);
	},
};

const suite = useSuite({ keepBodies: true }, { more: { careless } });

async function send(binary: unknown, binaryField: unknown = 'data', sendAs = 'single') {
	given = binary;
	const start = triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...document('x', binaryField, sendAs) });
	const { items, error } = await suite.engine.run([{ type: 'careless' }, start]);
	return { got: items[0]?.json.x, error };
}

describe('a file without its content', () => {
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
	])('%j is an error, and nothing is sent', async (file) => {
		const { error } = await send({ data: file });
		expect(error?.message).toBe(
			`The content of the file in "data" for the input "x" wasn't copied`,
		);
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});

describe('a file with members of the wrong type', () => {
	test.each([
		['a Buffer as data', { data: PDF }],
		['a Uint8Array as data', { data: new Uint8Array(PDF) }],
		['a Buffer that went through JSON', { data: JSON.parse(JSON.stringify(PDF)) as unknown }],
		['a data URI as data', { data: `data:application/pdf;base64,${PDF.toString('base64')}` }],
		['a number as ID', { data: PDF.toString('base64'), id: 17 }],
		['a file name that is no text', { data: PDF.toString('base64'), fileName: ['a'] }],
		['a media type that is no text', { data: PDF.toString('base64'), mimeType: 5 }],
		['nothing but data', { data: PDF.toString('base64') }],
	])('is sent: %s', async (_what, file) => {
		const { got, error } = await send({ data: file });
		expect(error).toBeUndefined();
		expect(got).toEqual(
			expect.objectContaining({ mediaType: 'application/pdf', sha256: sha256(PDF) }),
		);
	});

	test.each([[7], [true], [{}], [{ type: 'Buffer' }], [['YQ==']]])(
		'is damaged: %j as data',
		async (data) => {
			const { error } = await send({ data: { data, mimeType: 'application/pdf' } });
			expect(error?.message).toBe('The file in "data" for the input "x" is damaged');
		},
	);
});

describe("what 'Input Binary Field' may contain", () => {
	const DATA_URI = `data:application/pdf;base64,${PDF.toString('base64')}`;
	const hashes = (got: unknown) => (got as Array<{ sha256: string }>).map((file) => file.sha256);

	test.each([DATA_URI, `={{ '${DATA_URI}' }}`, `={{ ['${DATA_URI}'] }}`])(
		'a data URI: %s',
		async (value) => {
			const { got, error } = await send({}, value);
			expect(error).toBeUndefined();
			expect(got).toMatchObject({ mediaType: 'application/pdf', sha256: sha256(PDF) });
		},
	);

	test('a damaged data URI is an error that does not repeat it', async () => {
		const { error } = await send({}, `data:application/pdf;base64,${'!'.repeat(1000)}`);
		expect(error?.message).toBe('The file in "data URI" for the input "x" is damaged');
	});

	test('a list of names, also with commas and stars', async () => {
		const binary = {
			a: inMemory('A'),
			'b,c': inMemory('BC'),
			'd*': inMemory('D'),
			dd: inMemory('DD'),
		};
		const { got } = await send(binary, '={{ Object.keys($binary) }}', 'list');
		expect(hashes(got)).toEqual(['A', 'BC', 'D', 'DD'].map(sha256));
		const some = await send(binary, "={{ ['b,c', 'a'] }}", 'list');
		expect(hashes(some.got)).toEqual(['BC', 'A'].map(sha256));
	});

	test('two fields with the same file are two files', async () => {
		const file = inMemory('A');
		expect(hashes((await send({ a: file, b: file }, '*', 'list')).got)).toHaveLength(2);
	});

	test.each(['f*', 'names'])('130,000 files by %s', async (wanted) => {
		const binary = Object.fromEntries(
			Array.from({ length: 130_000 }, (_value, index) => [`f${index}`, inMemory('a')]),
		);
		const binaryField = wanted === 'names' ? Object.keys(binary) : wanted;
		const [run] = await inputsOf(
			{} as never,
			{ json: {}, binary, hasFilesInJson: false },
			{ values: 'item', documents: [{ inputName: 'x', binaryField, sendAs: 'list' }] },
		);
		const body = await openBody(
			{} as never,
			{ workflowId: 'w', inputs: run?.inputs ?? [] },
			'workflowId',
		);
		expect(String(body.content as Buffer).split(';base64,YQ==')).toHaveLength(130_001);
	});

	test('a pattern with many stars takes no time', async () => {
		const { error } = await send({ ['a'.repeat(100_000)]: inMemory('A') }, `${'*a'.repeat(50)}*b`);
		expect(error?.message).toMatch(/^The item has no binary field/);
	});

	test.each(['a*b*c', '*', 'ab*', '*bc', 'a**c', 'abc*'])(
		'the pattern %s matches abc',
		async (field) => {
			expect((await send({ abc: inMemory('A') }, field)).error).toBeUndefined();
		},
	);

	test.each(['a*d', 'x**', '*x*', '**x', 'abc*c', 'ab*bc', '*ab', 'bc*', 'A*'])(
		'the pattern %s does not match abc',
		async (field) => {
			expect((await send({ abc: inMemory('A') }, field)).error).toBeDefined();
		},
	);

	test.each([
		['brackets', '['.repeat(9_000_000)],
		['one bracket', `[${'a'.repeat(9_000_000)}`],
		['digits', `.${'1'.repeat(9_000_000)}`],
		['commas', ','.repeat(9_000_000)],
	])('a long text of %s is rejected right away', async (_what, text) => {
		const step = triggerRun(WORKFLOWS.echo.id, document('x', '={{ $json.text }}'));
		const { error } = await suite.engine.run(step, { items: [{ json: { text } }] });
		expect(error?.message).toMatch(/^(The item has no|No) binary field/);
	});

	test('of many missing names, a message lists twenty', async () => {
		const binary = Object.fromEntries(
			Array.from({ length: 1000 }, (_value, index) => [`f${index}`, inMemory('A')]),
		);
		expect((await send(binary, 'x')).error?.description).toContain('"f18", "f19", …. ');
	});
});

describe('content in memory of any size', () => {
	test.each([
		['without line breaks', Buffer.alloc(30_000_000, 'a').toString('base64')],
		['with line breaks', `${Buffer.alloc(57, 'a').toString('base64')}\r\n`.repeat(400_000)],
		['with padding only', '='.repeat(9_000_000)],
		['with a wrong last character', `${'A'.repeat(30_000_000)}!`],
		['of blanks only', ' '.repeat(9_000_000)],
	])('is checked in linear time: %s', async (_what, data) => {
		const begin = Date.now();
		await send({ data: { data, mimeType: 'application/pdf' } });
		expect(Date.now() - begin).toBeLessThan(20_000);
	});
});

describe('files in the JSON of the item (binary mode "combined")', () => {
	const file = (content: string) => inMemory(content, `${content}.pdf`);
	const json = {
		total: 5,
		picture: file('picture'),
		docs: [
			{ file: file('first'), note: 'a' },
			{ file: file('second'), note: 'b' },
		],
		only: [file('third')],
		drive: { id: '1abc', mimeType: 'application/pdf', name: 'no file' },
		'a b': { 'c.d': file('fourth') },
		_files: { data: file('data'), untyped: { data: 'YQ==' } },
	};

	async function run(parameters: object, item: object = json) {
		const result = await suite.engine.run(
			triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...parameters }),
			{ items: [{ json: item as never }], settings: { binaryMode: 'combined' } },
		);
		return { got: result.items[0]?.json, error: result.error };
	}

	test.each([
		['picture', 'picture'],
		['docs[0].file', 'first'],
		['docs[1].file', 'second'],
		['only[0]', 'third'],
		['a b.c.d', 'fourth'],
		['data', 'data'],
		['_files.data', 'data'],
	])('%s is a path to a file', async (path, content) => {
		const { got, error } = await run(document('x', path));
		expect(error).toBeUndefined();
		expect(got?.x).toMatchObject({ sha256: sha256(content) });
	});

	test.each(['docs', 'docs[0]', 'docs[2].file', 'drive', 'total', '[[[['])(
		'%s is no path to a file, and the message lists those that are',
		async (path) => {
			const { error } = await run(document('x', path));
			expect(error?.message).toBe(`The item has no binary field "${path}" for the input "x"`);
			expect(error?.description).toContain(
				'"picture", "only[0]", "a b.c.d", "data", "untyped", "docs[0].file"',
			);
		},
	);

	test('patterns match paths', async () => {
		const { got } = await run(document('x', 'docs*.file', 'list'));
		expect(got?.x).toHaveLength(2);
	});

	test('of two files that are called "data", the path tells which', async () => {
		const item = { data: file('field'), _files: { data: file('stored') } };
		for (const [path, content] of [
			['data', 'field'],
			['_files.data', 'stored'],
		] as const) {
			expect((await run(document('x', path), item)).got?.x).toMatchObject({
				sha256: sha256(content),
			});
		}
	});

	test('From the Incoming Item sends everything but the files', async () => {
		const { got } = await run({ specifyInputs: 'item', documents: {} });
		expect(got).toEqual({
			total: 5,
			docs: [{ note: 'a' }, { note: 'b' }],
			drive: json.drive,
			'a b': {},
		});
	});

	test('an item that contains itself is an error', async () => {
		const item: Record<string, unknown> = { file: file('a') };
		item.self = item;
		expect(
			(await run({ specifyInputs: 'item', ...document('x', 'file') }, item)).error?.message,
		).toBe(`The input "self" can't be sent: it contains a circular reference`);
	});
});

describe('a row without a Start Node input', () => {
	const row = (inputName: unknown, binaryField = 'data') => ({
		inputName,
		binaryField,
		sendAs: 'single',
	});

	async function run(rows: object[], ...names: string[]) {
		const binary = Object.fromEntries(names.map((name) => [name, inMemory(name)]));
		const step = triggerRun(WORKFLOWS.echo.id, { ...WAIT, documents: { rows: rows as never } });
		const { items, error } = await suite.engine.run(step, { items: [{ json: {}, binary }] });
		return { got: Object.keys(items[0]?.json ?? {}), error };
	}

	test('is ignored if the item has no file', async () => {
		expect(await run([row('')])).toEqual({ got: [], error: undefined });
	});

	test('is ignored if another row sends the only file', async () => {
		const { got, error } = await run([row('invoice', 'attachment_0'), row('')], 'attachment_0');
		expect(error).toBeUndefined();
		expect(got).toEqual(['invoice']);
	});

	test.each([
		[[row('')], ['data'], 'data'],
		[[row('')], ['attachment_0'], 'attachment_0'],
		[[row('', 'attachment_*')], ['a', 'attachment_0'], 'a'],
		[[row('x', 'a'), row('')], ['a', 'b'], 'b'],
	])('of %j asks for one if the item has a file', async (rows, names, field) => {
		const { error } = await run(rows, ...names);
		expect(error?.message).toBe(`Name the Start Node input for the file in '${field}'`);
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});

describe('files that are not sent', () => {
	const item = {
		json: {},
		binary: {
			a: { ...inMemory('A'), id: 'filesystem-v2:1' },
			b: inMemory('B'),
			attachment_0: inMemory('0'),
		},
		hasFilesInJson: false,
	};
	const row = (binaryField: unknown) => ({ inputName: 'x', binaryField, sendAs: 'list' as const });

	test.each<[unknown[], string[]]>([
		[[], ['a', 'b', 'attachment_0']],
		[['a'], ['b', 'attachment_0']],
		[['a, attachment_*'], ['b']],
		[['a', 'b'], ['attachment_0']],
		[['*'], []],
		[[{ id: 'filesystem-v2:1', mimeType: 'a/b' }], ['b', 'attachment_0']],
		[
			['nope', undefined],
			['a', 'b', 'attachment_0'],
		],
	])('with rows for %j are %j', (wanted, left) => {
		expect(unmatchedFiles(item, { values: 'item', documents: wanted.map(row) })).toEqual(left);
	});

	test('do not include those of Inputs', () => {
		const values = { fields: [{ name: 'x', type: 'binary', value: 'b' }] };
		expect(unmatchedFiles(item, { values, documents: [] })).toEqual(['a', 'attachment_0']);
	});
});

describe('a stored file', () => {
	const service = Container.get(BinaryDataService);
	const getAsStream = service.getAsStream.bind(service);
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'dibby-files-'));
	});
	afterEach(() => {
		service.getAsStream = getAsStream;
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	/** Sends a file from disk, and counts how often n8n's storage was asked for its content. */
	async function store(name: string, content: Buffer) {
		const path = join(folder, name);
		writeFileSync(path, content);
		const opened: Array<Awaited<ReturnType<typeof getAsStream>>> = [];
		service.getAsStream = async (id, chunkSize) => {
			opened.push(await getAsStream(id, chunkSize));
			return opened.at(-1) as (typeof opened)[number];
		};
		const { items } = await suite.engine.run([
			{ type: 'readFile', parameters: { fileSelector: path } },
			triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...document('x') }),
		]);
		return { got: items[0]?.json.x, opened };
	}

	test('is not opened to find out its media type if n8n knows it', async () => {
		expect((await store('a.pdf', PDF)).opened).toHaveLength(1);
	});

	test.each(['scan', 'INVOICE.001', 'a.bin'])(
		'with the name %s is opened for its first bytes, and closed',
		async (name) => {
			const { got, opened } = await store(name, Buffer.concat([PDF, Buffer.alloc(5_000_000)]));
			expect(got).toMatchObject({ mediaType: 'application/pdf', bytes: 5_000_000 + PDF.length });
			expect(opened).toHaveLength(2);
			expect(opened[0]?.destroyed).toBe(true);
		},
	);
});
