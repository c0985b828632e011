import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import fc from 'fast-check';

import { readResponse } from '../../dist/nodes/Dibby/api/response.js';
import type { Exchange } from '../../dist/nodes/Dibby/api/response.js';
import { storeDocuments } from '../../dist/nodes/Dibby/output/binaryFiles.js';
import { StoredDocuments } from '../../dist/nodes/Dibby/api/storedDocuments.js';

const NOTHING: { [name in keyof Exchange]?: undefined } = {};

const patient = new AbortController().signal;
const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);

/** Keeps what it is given, as n8n's storage does, and returns IDs unless it keeps files in memory. */
function storage({
	isInMemory = false,
	isEmpty = false,
	onPiece = async () => await Promise.resolve(),
} = {}) {
	const store = { n8n: {} as never, kept: new Map<string, Buffer>(), taken: 0 };
	const prepareBinaryData = async (
		content: Buffer | Readable,
		fileName: string,
		mimeType: string,
	) => {
		const pieces: Buffer[] = [];
		if (Buffer.isBuffer(content)) pieces.push(content);
		else {
			store.taken++;
			for await (const piece of content as AsyncIterable<Buffer>) {
				if (!isEmpty) pieces.push(piece);
				await onPiece();
			}
		}
		const id = `filesystem:${store.kept.size}`;
		store.kept.set(id, Buffer.concat(pieces));
		const data = Buffer.concat(pieces).toString('base64');
		return { fileName, mimeType, data: isInMemory ? data : '', ...(isInMemory ? {} : { id }) };
	};
	store.n8n = { helpers: { prepareBinaryData }, getWorkflowSettings: () => ({}) } as never;
	return store;
}

/** Cuts a text at the given shares of its length. */
function inChunks(text: Buffer, cuts: number[]): Buffer[] {
	const places = cuts.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b);
	return [0, ...places].map((start, index) => text.subarray(start, places[index] ?? text.length));
}

const responseOf = (chunks: Iterable<Buffer> | AsyncIterable<Buffer>, statusCode = 200) =>
	({ statusCode, headers: {}, body: Readable.from(chunks) }) as never;

/** Reads a response, and once more as text if something in it only looked like a document. */
async function read(chunks: Buffer[], documents?: StoredDocuments | 'skip') {
	const first = await readResponse(responseOf(chunks), patient, documents);
	const read = first ?? (await readResponse(responseOf(chunks), patient)) ?? NOTHING;
	return { ...read, isRepeated: first === undefined };
}

/** The item that the node makes of a response, read with and without storing documents while they arrive. */
async function both(text: string | Buffer, cuts: number[] = []) {
	const bytes = Buffer.from(text);
	const itemOf = async (isStreamed: boolean) => {
		const store = storage();
		const documents = isStreamed ? new StoredDocuments(store.n8n) : undefined;
		const { response, failure, isRepeated } = await read(inChunks(bytes, cuts), documents);
		if (failure !== undefined) throw new Error(failure.kind);
		documents?.keep();
		const json = response?.json as Record<string, unknown> | undefined;
		const files =
			json === undefined ? {} : await storeDocuments(store.n8n, json, 'r', 1_000, documents);
		const contents = Object.entries(files).map(([name, { id, ...file }]) => [
			name,
			file,
			store.kept.get(String(id))?.toString('base64'),
		]);
		return { item: { json: JSON.stringify(json), contents }, taken: store.taken, isRepeated };
	};
	const [plain, streamed] = [await itemOf(false), await itemOf(true)];
	return { plain, streamed };
}

const long = randomBytes(70_001);
const uri = (base64: string, prefix = 'data:application/pdf;base64,') => `${prefix}${base64}`;
const run = (output: unknown) => JSON.stringify({ id: 'r', status: 'FINISHED', output });

describe('the streamed way equals the plain way', () => {
	/** Base64 as servers write it, and texts that are nearly that. */
	const FORMS: Array<(base64: string) => string> = [
		(base64) => base64,
		(base64) => base64.replaceAll('+', '-').replaceAll('/', '_'),
		(base64) => base64.replace(/.{76}/g, '$&\r\n'),
		(base64) => base64.replaceAll('=', ''),
		(base64) => `${base64}!`,
		(base64) => `${base64}=\n==`,
		(base64) => base64.slice(0, -1),
		(base64) => `${base64.slice(0, -9)}=${base64.slice(-9)}`,
	];
	const content = fc
		.tuple(fc.integer({ min: 0, max: 60_000 }), fc.constantFrom(...FORMS))
		.map(([bytes, write]) => write(Buffer.alloc(bytes, randomBytes(97)).toString('base64')));
	const prefix = fc.constantFrom(
		...['data:application/pdf;base64,', 'data:image/png;name=a.png;base64,', 'data:;base64,'],
		...['data:text/csv;name=é;base64,', 'data:application/pdf,'],
		`data:a/b;name=${'x'.repeat(400)};base64,`,
	);
	const document = fc.tuple(prefix, content).map(([start, base64]) => uri(base64, start));
	const text = fc.string({ unit: 'binary', maxLength: 20 });
	const leaf = fc.oneof(document, text, fc.jsonValue({ maxDepth: 1 }));
	const NAMES = ['__proto__', 'output', 'status', 'data:a/b;base64,', '"', '\\', '7', 'a'];
	const key = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom(...NAMES));
	const value = fc.letrec((tie) => ({
		any: fc.oneof(
			{ depthSize: 'small', withCrossShrink: true },
			leaf,
			fc.array(tie('any'), { maxLength: 4 }),
			fc.dictionary(key, tie('any'), { maxKeys: 4 }),
		),
	})).any;
	/** JSON as .NET, PHP and others write it: the same values in other letters. */
	const escaped = (text: string, form: string) => {
		if (form === 'php') return text.replaceAll('/', '\\/');
		if (form === 'dotnet') return text.replaceAll('+', '\\u002b').replaceAll('é', '\\u00E9');
		return text;
	};

	test('for random outputs, in random pieces', async () => {
		let taken = 0;
		await fc.assert(
			fc.asyncProperty(
				value,
				fc.constantFrom('json', 'php', 'dotnet', 'indented'),
				fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
				fc.constantFrom('FINISHED', 'RUNNING', 'FAILED'),
				fc.boolean(),
				async (output, form, cuts, status, isStatusLast) => {
					// So that it is long enough to be looked through.
					const filler = ' '.repeat(70_000);
					const whole = isStatusLast
						? { id: 'r', filler, output, status }
						: { id: 'r', status, filler, output };
					const text = JSON.stringify(whole, undefined, form === 'indented' ? '\t' : undefined);
					const { plain, streamed } = await both(escaped(text, form), cuts);
					expect(streamed.item).toEqual(plain.item);
					taken += streamed.taken;
				},
			),
			{ numRuns: RUNS },
		);
		expect(taken).toBeGreaterThan(RUNS / 10);
	});

	test('wherever a chunk ends in and around a document', async () => {
		const base64 = long.toString('base64');
		const text = run({ 'a"': uri(base64), b: [`${'\\"'}`, uri(base64)] }).replaceAll('/', '\\/');
		const first = text.indexOf('data:');
		const end = text.indexOf('"', first);
		for (const around of [first, first + 25, end]) {
			for (let at = around - 12; at < around + 12; at++) {
				const { plain, streamed } = await both(text, [at / text.length, (at + 1) / text.length]);
				expect(streamed.item).toEqual(plain.item);
				expect(streamed.taken).toBe(2);
			}
		}
	});

	test.each([
		['escaped slashes', (text: string) => text.replaceAll('/', '\\/')],
		['escaped plus signs', (text: string) => text.replaceAll('+', '\\u002B')],
		['line breaks', (text: string) => text.replace(/[A-Za-z0-9+/]{76}/g, '$&\\r\\n')],
		['the URL alphabet', (text: string) => text.replace(/[+]/g, '-')],
		['no padding', (text: string) => text.replaceAll('=', '')],
		['escaped padding', (text: string) => text.replaceAll('=', '\\u003d')],
	])('and stores documents with %s while they come', async (_name, change) => {
		const base64 = long.toString('base64');
		const text = run({ a: 'PLACE' }).replace('PLACE', uri(change(base64)));
		const { plain, streamed } = await both(text);
		expect(streamed).toMatchObject({ item: plain.item, taken: 1, isRepeated: false });
		expect(streamed.item.contents[0]?.[2]).toBe(base64);
	});

	const good = uri(long.toString('base64'));
	test.each<[string, string, boolean]>([
		// Nearly base64.
		['a wrong character at the end', run({ a: uri(`${'A'.repeat(100_000)}!`), b: good }), true],
		['a character too many', run({ a: uri('A'.repeat(100_001)), b: good }), true],
		['padding in the middle', run({ a: uri(`${'A'.repeat(90_002)}==${'A'.repeat(100)}`) }), true],
		['a line separator', run({ a: uri(`${'A'.repeat(100_000)}\u2028`), b: good }), true],
		['padding and nothing else', run({ a: uri('='.repeat(100_000)), b: good }), true],
		// Nearly JSON.
		['a line break that JSON does not allow', `{"a":"${uri('A'.repeat(99_999))}\n"}`, true],
		['an end in a document', `{"output":"${uri('A'.repeat(100_000))}`, true],
		['an end in an escape', `{"output":"${uri('A'.repeat(100_000))}\\u00`, true],
		['something behind the JSON', `${run({ a: good })}}`, false],
		// Documents in other places.
		['a key that looks like a document', `{"output":{"${good}" \n :1}}`, true],
		['a key next to a document', `{"output":{"a":"${good}","${good}":["${good}"]}}`, true],
		['a field that is there twice', `{"output":{"a":"${good}","a":"${good}"}}`, false],
		['documents everywhere', `{"a":"${good}","b":["${good}"],"status":"RUNNING"}`, false],
		['escaped quotes', `{"a":"\\"${good}","b":"\\\\\\"${good}","c":["\\\\","${good}"]}`, false],
	])('with %s', async (_name, text, isRepeated) => {
		const { plain, streamed } = await both(text);
		expect(streamed.item).toEqual(plain.item);
		expect(streamed.isRepeated).toBe(isRepeated);
	});

	test('with more documents than become files', async () => {
		const base64 = randomBytes(12_300).toString('base64');
		const list = Array.from({ length: 1_005 }, (_, index) => ({
			page: uri(index % 3 === 0 ? 'YWJj' : base64),
		}));
		const { plain, streamed } = await both(run({ list }));
		expect(streamed.item).toEqual(plain.item);
		expect(streamed.item.contents).toHaveLength(1_000);
		expect(streamed.taken).toBeGreaterThan(600);
	});
});

test('a response that is no success is not searched for documents', async () => {
	const store = storage();
	const response = responseOf([Buffer.from(run({ a: uri(long.toString('base64')) }))], 500);
	await readResponse(response, patient, new StoredDocuments(store.n8n));
	expect(store.taken).toBe(0);
});

/** A response that never ends, in the middle of a document. Counts the bytes that were read. */
function endless() {
	const sent = { bytes: 0 };
	async function* chunks() {
		yield Buffer.from(`{"status":"FINISHED","output":{"a":"${uri('')}`);
		const piece = Buffer.alloc(64 * 1024, 'A');
		for (;;) {
			sent.bytes += piece.length;
			yield piece;
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
	return { sent, chunks };
}

const abortAfter = (milliseconds: number, reason = 'cancelled') => {
	const controller = new AbortController();
	setTimeout(() => controller.abort(reason), milliseconds);
	return controller.signal;
};

/** Reads a response into a storage; `kept` are the documents that a later item could use. */
async function storeFrom(
	chunks: AsyncIterable<Buffer>,
	signal: AbortSignal,
	how: Parameters<typeof storage>[0],
) {
	const store = storage(how);
	const documents = new StoredDocuments(store.n8n);
	const result = (await readResponse(responseOf(chunks), signal, documents)) ?? NOTHING;
	documents.keep();
	return { ...result, kept: documents.kept.size, taken: store.taken };
}

test('what is stored of a response that is read once more is forgotten', async () => {
	const documents = new StoredDocuments(storage().n8n);
	const good = uri(randomBytes(20_000).toString('base64'));
	const text = Buffer.from(run([good, good, `${good.slice(0, -30)}!${good.slice(-29)}`]));
	const { isRepeated } = await read([text], documents);
	documents.keep();
	expect([isRepeated, documents.kept.size]).toEqual([true, 0]);
});

describe('while a document is stored', () => {
	test('a slow storage slows the server down', async () => {
		const { sent, chunks } = endless();
		const onPiece = async () => await new Promise<void>((resolve) => setTimeout(resolve, 20));
		await storeFrom(chunks(), abortAfter(300), { onPiece });
		expect(sent.bytes).toBeLessThan(25 * 64 * 1024);
	});

	test.each(['cancelled', 'timeout'])('it ends although the storage hangs: %s', async (kind) => {
		const start = performance.now();
		const onPiece = async () => await new Promise<void>(() => {});
		const result = await storeFrom(endless().chunks(), abortAfter(50, kind), { onPiece });
		expect(result).toMatchObject({ failure: { kind, delivered: true }, kept: 0 });
		// Milliseconds: a busy machine is late, and reading that continues never ends.
		expect(performance.now() - start).toBeLessThan(2_000);
	});

	test("a storage that doesn't read the whole document is an error", async () => {
		const prepareBinaryData = async () => await Promise.resolve({ id: 'filesystem:1', data: '' });
		const documents = new StoredDocuments({ helpers: { prepareBinaryData } } as never);
		const text = Buffer.from(run({ a: uri(long.toString('base64')) }));
		const reading = readResponse(responseOf([text]), patient, documents);
		await expect(reading).rejects.toThrow(/didn't read the whole document/);
	});

	test('it is of any size where n8n stores it', async () => {
		const later = abortAfter(4_000, 'timeout');
		const result = await storeFrom(endless().chunks(), later, { isEmpty: true });
		expect(result).toMatchObject({ failure: { kind: 'timeout', delivered: true }, kept: 0 });
	});

	test('several documents together are too large where n8n keeps files in memory', async () => {
		async function* chunks() {
			for (let count = 0; count < 20; count++) {
				yield Buffer.from(`{"status":"FINISHED","output":{"a":"${uri('')}`);
				for (let piece = 0; piece < 400; piece++) {
					yield Buffer.alloc(64 * 1024, 'A');
					await new Promise((resolve) => setImmediate(resolve));
				}
				yield Buffer.from('"');
			}
		}
		const how = { isInMemory: true, isEmpty: true };
		const { failure, taken } = await storeFrom(chunks(), patient, how);
		expect(failure?.kind).toBe('tooLarge');
		// 20 MB each.
		expect(taken).toBe(14);
	});
});

describe('documents that are skipped', () => {
	/** A finished run with a document, in pieces. The peak is what the process held beyond the start, in bytes. */
	function runWithDocument(bytes: number, end = '') {
		const figures = { peak: 0 };
		const held = () => {
			const { heapUsed, arrayBuffers } = process.memoryUsage();
			return heapUsed + arrayBuffers;
		};
		async function* chunks() {
			const start = held();
			yield Buffer.from(`{"id":"r","output":{"a":"${uri('')}`);
			for (let sent = 0; sent < bytes; sent += 64 * 1024) {
				yield Buffer.alloc(64 * 1024, 'QUJD');
				figures.peak = Math.max(figures.peak, held() - start);
				if (sent % (1024 * 1024) === 0) await new Promise((resolve) => setImmediate(resolve));
			}
			yield Buffer.from(`${end}"},"status":"FINISHED"}`);
		}
		return { figures, chunks };
	}

	test('take little memory, whatever their size', async () => {
		const { figures, chunks } = runWithDocument(300 * 1024 * 1024);
		const { response } = (await readResponse(responseOf(chunks()), patient, 'skip')) ?? NOTHING;
		expect(response?.json).toEqual({ id: 'r', status: 'FINISHED', output: { a: uri('') } });
		expect(figures.peak).toBeLessThan(100 * 1024 * 1024);
	});

	test('need another request if they only look like documents', async () => {
		const { chunks } = runWithDocument(200_000, '!');
		expect(await readResponse(responseOf(chunks()), patient, 'skip')).toBeUndefined();
	});

	test('may be keys, and there may be any number of them', async () => {
		const base64 = randomBytes(15_000).toString('base64');
		const list = Array.from({ length: 1_500 }, () => uri(base64));
		const text = Buffer.from(run({ list, [uri(base64)]: 1 }));
		const { response } = (await readResponse(responseOf([text]), patient, 'skip')) ?? NOTHING;
		expect(response?.json).toMatchObject({ id: 'r', status: 'FINISHED' });
		expect(response?.text.length).toBeLessThan(100_000);
	});
});
