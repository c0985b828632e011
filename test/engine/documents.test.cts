import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Step } from '../support/engine.cts';
import { Container } from '../support/n8n.cts';
import type { BinaryMode } from '../support/n8n.cts';
import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import { document, fields, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const WAIT = { waitForCompletion: true, output: 'output' };
const CHUNK = 3 * 16 * 1024;
const MODES: BinaryMode[] = ['default', 'filesystem'];

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** A file from disk into n8n's storage, and from there to a workflow that says what arrived. */
const readAndDigest = (path: string) => [
	{ type: 'readFile', parameters: { fileSelector: path } },
	triggerRun(WORKFLOWS.digest.id, { ...WAIT, ...document('document') }),
];

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'dibby-documents-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(MODES)('documents in n8n binary mode "%s"', (binaryMode) => {
	const suite = useSuite({}, { binaryMode });

	test.each([1, 2, 3, 4, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 2])(
		'a file of %d bytes arrives byte for byte',
		async (bytes) => {
			const content = randomBytes(bytes);
			const path = join(folder, `${bytes}.pdf`);
			writeFileSync(path, content);
			const { items, error } = await suite.engine.run(readAndDigest(path));
			expect(error).toBeUndefined();
			expect(items[0]?.json).toEqual({
				mediaType: 'application/pdf',
				bytes,
				sha256: sha256(content),
			});
		},
	);

	test('an empty file is an error that says which', async () => {
		const path = join(folder, 'empty.pdf');
		writeFileSync(path, '');
		const { error } = await suite.engine.run(readAndDigest(path));
		expect(error?.message).toBe('The file in "data" for the input "document" is empty');
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('several files of different sizes in one request, between values, in order', async () => {
		const contents = [randomBytes(10), randomBytes(CHUNK + 7), randomBytes(2)];
		const paths = contents.map((content, index) => {
			const path = join(folder, `several-${index}.png`);
			writeFileSync(path, content);
			return path;
		});
		const reads = paths.map((fileSelector, index) => ({
			type: 'readFile',
			parameters: { fileSelector, dataPropertyName: `attachment_${index}` },
		}));
		const { items } = await suite.engine.run([
			...reads,
			triggerRun(WORKFLOWS.bundle.id, {
				...WAIT,
				...document('documents', 'attachment_*', 'list'),
			}),
		]);
		const rows = Object.values(items[0]?.json ?? {}).find(Array.isArray) as Array<{
			sha256: string;
		}>;
		expect(rows.map((row) => row.sha256)).toEqual(contents.map(sha256));
	});

	test('64 MiB arrive byte for byte', async () => {
		const content = randomBytes(64 * 1024 * 1024);
		const path = join(folder, 'large.bin');
		writeFileSync(path, content);
		const { items, error } = await suite.engine.run(readAndDigest(path));
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ bytes: content.length, sha256: sha256(content) });
	});
});

describe('an upload that does not go through', () => {
	const suite = useSuite();

	/** Writes a file, and gives the steps that send it. */
	function sendFile(bytes: number) {
		const path = join(folder, 'upload.pdf');
		writeFileSync(path, randomBytes(bytes));
		return readAndDigest(path);
	}

	test.each([
		['shrinks', (content: Buffer) => content.subarray(0, content.length - 5)],
		['grows', (content: Buffer) => Buffer.concat([content, content])],
	])(
		'a file that %s after n8n measured it: nothing is started, and the error says why',
		async (_what, change) => {
			const steps = sendFile(CHUNK + 10);
			const { error } = await suite.engine.run(steps, {
				onNode: (event, name) => {
					if (event === 'start' && name === 'Dibby') changeStoredFiles(change);
				},
			});
			expect(error?.message).toBe('A file changed while the node was sending it');
			expect(suite.sandbox.runs.size).toBe(0);
		},
	);

	test.each([1, 2])(
		'a file that is gone when it is to be sent, number %d of two: nothing is started, and the error says why',
		async (gone) => {
			const reads = ['a', 'b'].map((name) => {
				const path = join(folder, `${name}.pdf`);
				writeFileSync(path, name);
				return { type: 'readFile', parameters: { fileSelector: path, dataPropertyName: name } };
			});
			const service = Container.get(BinaryDataService);
			const getAsStream = service.getAsStream.bind(service);
			let opened = 0;
			service.getAsStream = async (id, chunkSize) => {
				if (++opened === gone) throw new Error('File not found');
				return await getAsStream(id, chunkSize);
			};
			const { error } = await suite.engine.run([
				...reads,
				triggerRun(WORKFLOWS.digest.id, document('document', 'a, b', 'list')),
			]);
			service.getAsStream = getAsStream;
			expect(error?.message).toBe('A file changed while the node was sending it');
			expect(error?.description).toMatch(/^No run was started\. n8n no longer has the file, or /);
			expect(error?.outcomeUnknown).toBe(false);
			expect(suite.sandbox.runs.size).toBe(0);
		},
	);

	describe('a connection that ends before all is sent', () => {
		const service = Container.get(BinaryDataService);
		const getAsStream = service.getAsStream.bind(service);
		afterEach(() => {
			service.getAsStream = getAsStream;
		});

		/** The storage gives half of the file, and no more the first time, as if the socket took no more. */
		async function send(fault: Fault, node: Partial<Step> = {}) {
			suite.sandbox.failOn('POST', fault, 1);
			service.getAsStream = async () => {
				service.getAsStream = getAsStream;
				return await Promise.resolve(Readable.from(half()));
			};
			const [read, start] = sendFile(8 * CHUNK) as [Step, Step];
			const parameters = { ...start.parameters, ...node.parameters };
			return await suite.engine.run([read, { ...start, ...node, parameters }]);
		}
		async function* half() {
			yield randomBytes(4 * CHUNK);
			await new Promise(() => {});
		}

		test.each<[string, Fault, number]>([
			['breaks off', { kind: 'resetAfterFirstByte' }, 300_000],
			['takes no more until the time-out', { kind: 'stall' }, 500],
		])('since it %s, started nothing, and the error says so', async (_why, fault, timeout) => {
			const { error } = await send(fault, { parameters: { requestOptions: { timeout } } });
			expect(error?.message).toBe("n8n couldn't send the files to Dibby");
			expect(error?.description).toMatch(/^No run was started/);
			expect(error?.outcomeUnknown).toBe(false);
			expect(suite.sandbox.runs.size).toBe(0);
		});

		test('is made again by Retry On Fail', async () => {
			const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
			const { error } = await send({ kind: 'resetAfterFirstByte' }, node);
			expect(error).toBeUndefined();
			expect(suite.sandbox.runs.size).toBe(1);
		});
	});

	test('a server that refuses a large file before it has read it: its answer is what the user sees', async () => {
		suite.sandbox.failOn('POST', { status: 413, early: true });
		const { error } = await suite.engine.run(sendFile(8 * CHUNK));
		expect(error?.message).toBe('The documents are too large for Dibby');
		expect(error?.description).toContain(`application/pdf, ${8 * CHUNK} bytes`);
	});
});

/** Changes what is in n8n's binary storage behind its back. */
function changeStoredFiles(change: (content: Buffer) => Buffer): void {
	const storage = Container.get(BinaryDataConfig).localStoragePath;
	for (const entry of readdirSync(storage, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile() || entry.name.endsWith('.metadata')) continue;
		const path = join(entry.parentPath, entry.name);
		writeFileSync(path, change(readFileSync(path)));
	}
}

describe('a storage that gives pieces of odd sizes, as a database and S3 do', () => {
	const suite = useSuite();
	const service = Container.get(BinaryDataService);
	const getAsStream = service.getAsStream.bind(service);
	afterEach(() => {
		service.getAsStream = getAsStream;
	});

	test.each([
		[[1, 1, 1, 1]],
		[[2, 2, 3]],
		[[3, 1, CHUNK, 5]],
		[[CHUNK + 1, 2 * CHUNK + 1, 1]],
		[[0, 4, 0]],
	])('%j', async (sizes) => {
		const pieces = sizes.map((size) => randomBytes(size));
		const content = Buffer.concat(pieces);
		const path = join(folder, 'odd.pdf');
		writeFileSync(path, content);
		service.getAsStream = async () => await Promise.resolve(Readable.from(pieces));
		const { items, error } = await suite.engine.run(readAndDigest(path));
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ bytes: content.length, sha256: sha256(content) });
	});
});

describe('which files are sent', () => {
	const suite = useSuite();
	const file = (text: string, mimeType = 'text/plain', fileName?: string) =>
		inMemoryFile(text, mimeType, fileName);

	async function send(
		binaryField: unknown,
		binary: Record<string, unknown>,
		sendAs = 'list',
		json: object = {},
	) {
		const steps = [
			triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...document('files', binaryField, sendAs) }),
		];
		const { items, error } = await suite.engine.run(steps, { items: [{ json, binary } as never] });
		return { got: items[0]?.json.files as unknown, error };
	}
	const hashes = (got: unknown) => (got as Array<{ sha256: string }>).map((row) => row.sha256);
	const hash = (text: string) => sha256(Buffer.from(text));

	test('several with commas, a pattern, each once', async () => {
		const binary = { a: file('A'), attachment_0: file('0'), attachment_1: file('1'), b: file('B') };
		const { got } = await send('b, attachment_*, attachment_1', binary);
		expect(hashes(got)).toEqual(['B', '0', '1'].map(hash));
	});

	test('a field whose name holds a comma', async () => {
		const { got } = await send('a,b', { 'a,b': file('AB'), a: file('A') });
		expect(hashes(got)).toEqual([hash('AB')]);
	});

	test('a star is the only special character', async () => {
		const { got } = await send('a.*', { 'a.1': file('1'), ab: file('2') });
		expect(hashes(got)).toEqual([hash('1')]);
	});

	test('a file that an expression gives', async () => {
		const path = join(folder, 'expression.txt');
		writeFileSync(path, 'X');
		const { items, error } = await suite.engine.run([
			{ type: 'readFile', parameters: { fileSelector: path } },
			triggerRun(WORKFLOWS.digest.id, { ...WAIT, ...document('document', '={{ $binary.data }}') }),
		]);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ sha256: hash('X') });
	});

	test.each(['list', 'single'])(
		'a list of files that an expression gives, sent as %s',
		async (sendAs) => {
			const texts = sendAs === 'list' ? ['X', 'Y'] : ['X'];
			const reads = texts.map((text) => {
				const path = join(folder, `${text}.txt`);
				writeFileSync(path, text);
				return { type: 'readFile', parameters: { fileSelector: path, dataPropertyName: text } };
			});
			const { items, error } = await suite.engine.run([
				...reads,
				triggerRun(WORKFLOWS.echo.id, {
					...WAIT,
					...document('files', '={{ Object.values($binary) }}', sendAs),
				}),
			]);
			expect(error).toBeUndefined();
			expect(hashes([items[0]?.json.files].flat())).toEqual(texts.map(hash));
		},
	);

	test.each(['={{ [$binary.x, 1] }}', '={{ null }}', '={{ 5 }}', '={{ { a: 1 } }}'])(
		'%s gives no file',
		async (expression) => {
			const { error } = await send(expression, { x: file('X') });
			expect(error?.message).toBe('The value for the input "files" is not a file');
		},
	);

	test('spaces and commas too many between names do not matter, nor does a line break in a name', async () => {
		const binary = { a: file('A'), b: file('B'), 'c\nd': file('CD') };
		expect(hashes((await send(' a ,, b,', binary)).got)).toEqual(['A', 'B'].map(hash));
		expect(hashes((await send('c*d', binary)).got)).toEqual(['CD'].map(hash));
		expect((await send(' , ', binary)).error?.message).toBe(
			'No binary field is set for the input "files"',
		);
	});

	test.each([
		['-_-_', Buffer.from('+/+/', 'base64')],
		['aGk', Buffer.from('hi')],
		['aGk=', Buffer.from('hi')],
		['YQ', Buffer.from('a')],
		['YQ==', Buffer.from('a')],
		['YWJj', Buffer.from('abc')],
		['YW Jj\r\n\r\nYWJj\n', Buffer.from('abcabc')],
		['YW=Jj', undefined],
		['YWJjY', undefined],
		['YWJjYWJj!', undefined],
		['YWJ*', undefined],
		['*WJj', undefined],
		['YQ===', Buffer.from('a')],
	])('content in memory written as %j', async (data, content) => {
		const { got, error } = await send('x', { x: { mimeType: 'text/plain', data } });
		if (content === undefined) {
			expect(error?.message).toBe('The file in "x" for the input "files" is damaged');
		} else {
			expect(got).toEqual([
				expect.objectContaining({ bytes: content.length, sha256: sha256(content) }),
			]);
		}
	});

	test('an expression that gives no file is an error', async () => {
		const { error } = await send('={{ $binary.x }}', { x: file('X') });
		expect(error?.message).toBe('The value for the input "files" is not a file');
	});

	test.each([
		['invoice', 'The item has no binary field "invoice" for the input "files"'],
		['x, nope', 'The item has no binary field "nope" for the input "files"'],
		['att_*', 'The item has no binary field "att_*" for the input "files"'],
		['', 'No binary field is set for the input "files"'],
	])('%j is an error that lists what is there', async (binaryField, message) => {
		const { error } = await send(binaryField, { x: file('X'), y: file('Y') });
		expect(error?.message).toBe(message);
		expect(error?.description).toContain('The item has: "x", "y".');
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test.each([{}, null])(
		'an item without files, with %j in their place, says so',
		async (binary) => {
			const { error } = await send('data', binary as never);
			expect(error?.message).toBe('The item has no binary field "data" for the input "files"');
			expect(error?.description).toContain('The item has no files.');
		},
	);

	test("a file's content in place of its name is not repeated", async () => {
		const content = 'QUJD'.repeat(50_000);
		const { error } = await send(content, { x: file('X') });
		expect(error?.message).toBe(
			`The item has no binary field "${content.slice(0, 40)}…" for the input "files"`,
		);
	});

	test.each([null, ''])('a file in memory may have the ID %j', async (id) => {
		const { got } = await send('x', { x: { ...file('X'), id } });
		expect(hashes(got)).toEqual([hash('X')]);
	});

	test.each(['={{ undefined }}', 'List'])(
		'Send As with the value %j is an error',
		async (sendAs) => {
			const { error } = await send('x', { x: file('X') }, sendAs);
			expect(error?.message).toMatch(/^'Send As' has an unsupported value: "\w+"$/);
			expect(suite.sandbox.requests).toHaveLength(0);
		},
	);

	test('two files for a single document is an error that offers both ways', async () => {
		const { error } = await send('*', { x: file('X'), y: file('Y') }, 'single');
		expect(error?.message).toBe('The input "files" accepts one document, but 2 files match');
		expect(error?.description).toMatch(
			/'Send As' to 'List of Documents' or 'One Run per Document' under 'Documents'/,
		);
	});

	test('the type Binary Data in Inputs sends a document', async () => {
		const steps = [
			triggerRun(WORKFLOWS.digest.id, {
				...WAIT,
				...fields({ name: 'document', type: 'binary', value: 'x' }),
			}),
		];
		const { items } = await suite.engine.run(steps, {
			items: [{ json: {}, binary: { x: file('X') } }],
		});
		expect(items[0]?.json).toMatchObject({ sha256: hash('X') });
	});

	test('the combined binary mode: files among the fields, by name and by path', async () => {
		for (const binaryField of ['data', '_files.data']) {
			const { items, error } = await suite.engine.run(
				triggerRun(WORKFLOWS.digest.id, { ...WAIT, ...document('document', binaryField) }),
				{
					items: [{ json: { _files: { data: file('C') } } }],
					settings: { binaryMode: 'combined' },
				},
			);
			expect(error).toBeUndefined();
			expect(items[0]?.json).toMatchObject({ sha256: hash('C') });
		}
	});

	test.each([
		['application/pdf', 'x.png', 'application/pdf'],
		['application/octet-stream', 'Scan 01.PDF', 'application/pdf'],
		['', 'photo.jpeg', 'image/jpeg'],
		['application/octet-stream', 'thing.unknown', 'application/octet-stream'],
		['application/octet-stream', undefined, 'application/octet-stream'],
		['text/plain; charset="utf-8"', 'x', 'text/plain'],
		['text/plain;charset=utf-8', 'x', 'text/plain'],
		['text/html, "x"', 'a.csv', 'text/csv'],
	])('media type %j of %j is sent as %j', async (mimeType, fileName, expected) => {
		const { got } = await send('x', { x: file('X', mimeType, fileName) }, 'single');
		expect(got).toMatchObject({ mediaType: expected });
	});

	test('base64 in memory that some nodes leave with line breaks or without padding is put right', async () => {
		const content = Buffer.from([250, 251, 252, 253]);
		const data = content.toString('base64url');
		const { got } = await send(
			'x',
			{ x: { data: `${data.slice(0, 3)}\n${data.slice(3)}`, mimeType: 'a/b' } },
			'single',
		);
		expect(got).toMatchObject({ sha256: sha256(content) });
	});
});
