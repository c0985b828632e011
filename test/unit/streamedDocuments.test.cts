import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import fc from 'fast-check';

import { readResponse } from '../../dist/nodes/Dibby/api/response.js';
import { storeDocuments } from '../../dist/nodes/Dibby/output/binaryFiles.js';
import { StoredDocuments } from '../../dist/nodes/Dibby/output/storedDocuments.js';

const PATIENCE_MS = 20_000;
const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);

/** Keeps what it is given, as n8n's storage does, and gives IDs where it is not in memory. */
function storage({ isInMemory = false, onPiece = async () => await Promise.resolve() } = {}) {
	const kept = new Map<string, Buffer>();
	let taken = 0;
	const prepareBinaryData = async (
		content: Buffer | Readable,
		fileName: string,
		mimeType: string,
	) => {
		const pieces: Buffer[] = [];
		if (Buffer.isBuffer(content)) pieces.push(content);
		else {
			taken++;
			for await (const piece of content as AsyncIterable<Buffer>) {
				pieces.push(piece);
				await onPiece();
			}
		}
		const id = `filesystem:${kept.size}`;
		kept.set(id, Buffer.concat(pieces));
		const data = Buffer.concat(pieces).toString('base64');
		return { fileName, mimeType, data: isInMemory ? data : '', ...(isInMemory ? {} : { id }) };
	};
	const n8n = { helpers: { prepareBinaryData } } as never;
	return {
		n8n,
		kept,
		get taken() {
			return taken;
		},
	};
}

/** Cuts a text at the given shares of its length. */
function inChunks(text: Buffer, cuts: number[]): Buffer[] {
	const places = cuts.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b);
	return [0, ...places].map((start, index) => text.subarray(start, places[index] ?? text.length));
}

function answer(chunks: Iterable<Buffer> | AsyncIterable<Buffer>, type = 'application/json') {
	return {
		statusCode: 200,
		headers: { 'content-type': type },
		body: Readable.from(chunks),
	} as never;
}

/** The item that the node makes of an answer: read with and without storing documents while it comes. */
async function both(text: string | Buffer, cuts: number[] = [], type?: string) {
	const bytes = Buffer.from(text);
	const read = async (isStreamed: boolean) => {
		const store = storage();
		const documents = isStreamed ? new StoredDocuments(store.n8n) : undefined;
		const chunks = inChunks(bytes, cuts);
		let result = await readResponse(answer(chunks, type), undefined, PATIENCE_MS, documents);
		const isUnread = 'unread' in result;
		if (isUnread) result = await readResponse(answer(chunks, type), undefined, PATIENCE_MS);
		if (!('response' in result)) throw new Error(JSON.stringify(result));
		documents?.keep();
		const json = result.response?.json as Record<string, unknown> | undefined;
		const files = json === undefined ? {} : await storeDocuments(store.n8n, json, documents);
		const contents = Object.entries(files).map(([name, { id, ...file }]) => [
			name,
			file,
			store.kept.get(String(id))?.toString('base64'),
		]);
		return { item: { json: JSON.stringify(json), contents }, taken: store.taken, isUnread };
	};
	const [plain, streamed] = [await read(false), await read(true)];
	return { plain, streamed };
}

const LONG = 20_000;
const long = randomBytes(70_001);
const uri = (base64: string, prefix = 'data:application/pdf;base64,') => `${prefix}${base64}`;
const run = (output: unknown) => JSON.stringify({ id: 'r', status: 'FINISHED', output });

describe('the streamed way equals the plain way', () => {
	/** Base64 as servers write it, and texts that are nearly that. */
	const content = fc
		.record({
			bytes: fc.integer({ min: 0, max: 3 * LONG }),
			form: fc.constantFrom('plain', 'url', 'lines', 'bare', 'late', 'more', 'cut', 'padding'),
		})
		.map(({ bytes, form }) => {
			const base64 = Buffer.alloc(bytes, randomBytes(97)).toString('base64');
			switch (form) {
				case 'url':
					return base64.replaceAll('+', '-').replaceAll('/', '_');
				case 'lines':
					return base64.replace(/.{76}/g, '$&\r\n');
				case 'bare':
					return base64.replaceAll('=', '');
				case 'late':
					return `${base64}!`;
				case 'more':
					return `${base64}=\n==`;
				case 'cut':
					return base64.slice(0, -1);
				case 'padding':
					return `${base64.slice(0, -9)}=${base64.slice(-9)}`;
				default:
					return base64;
			}
		});
	const prefix = fc.constantFrom(
		'data:application/pdf;base64,',
		'data:image/png;name=a.png;base64,',
		'data:;base64,',
		'data:text/csv;name=é;base64,',
		'data:application/pdf,',
		`data:a/b;name=${'x'.repeat(400)};base64,`,
	);
	const document = fc.tuple(prefix, content).map(([start, base64]) => uri(base64, start));
	const value = fc.letrec((tie) => ({
		any: fc.oneof(
			{ depthSize: 'small', withCrossShrink: true },
			fc.oneof(
				document,
				fc.string({ unit: 'binary', maxLength: 20 }),
				fc.jsonValue({ maxDepth: 1 }),
			),
			fc.array(tie('any'), { maxLength: 4 }),
			fc.dictionary(
				fc.oneof(
					fc.string({ maxLength: 5 }),
					fc.constantFrom('__proto__', 'output', 'status', 'data:a/b;base64,', '"', '\\', '7', 'a'),
				),
				tie('any'),
				{ maxKeys: 4 },
			),
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
		const { plain, streamed } = await both(
			run({ a: 'PLACE' }).replace('PLACE', uri(change(base64))),
		);
		expect(streamed).toMatchObject({ item: plain.item, taken: 1, isUnread: false });
		expect(streamed.item.contents[0]?.[2]).toBe(base64);
	});

	test.each([
		['no base64 at the end', `${'A'.repeat(100_000)}!`],
		['a character more than base64 has', 'A'.repeat(100_001)],
		['padding in the middle', `${'A'.repeat(90_002)}==${'A'.repeat(100)}`],
		['a line separator', `${'A'.repeat(100_000)}\u2028`],
		['padding and nothing else', '='.repeat(100_000)],
	])('with %s, which needs a second reading', async (_name, base64) => {
		const { plain, streamed } = await both(
			run({ a: uri(base64), b: uri(long.toString('base64')) }),
		);
		expect(streamed.item).toEqual(plain.item);
		expect(streamed.isUnread).toBe(true);
	});

	test.each([
		['a line break that JSON does not allow', `{"output":"${uri('A'.repeat(99_999))}\n"}`],
		['an end in a document', `{"output":"${uri('A'.repeat(100_000))}`],
		['an end in an escape', `{"output":"${uri('A'.repeat(100_000))}\\u00`],
		['something behind the JSON', `${run({ a: uri(long.toString('base64')) })}}`],
	])('with %s', async (_name, text) => {
		const { plain, streamed } = await both(text);
		expect(streamed.item).toEqual(plain.item);
	});

	test('with a key that looks like a document, one under a key that is there twice, and one in another alphabet', async () => {
		const base64 = long.toString('base64');
		const key = `{"output":{"${uri(base64)}":1}}`;
		const twice = `{"output":{"a":"${uri(base64)}","a":"${uri(base64.slice(0, 40_000))}"}}`;
		for (const text of [key, twice]) {
			const { plain, streamed } = await both(text);
			expect(streamed.item).toEqual(plain.item);
		}
		const { plain, streamed } = await both(
			Buffer.from(`{"output":["é","${uri(base64)}"]}`, 'latin1'),
			[],
			'application/json; charset=iso-8859-1',
		);
		expect(streamed).toMatchObject({ item: plain.item, taken: 0 });
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

describe('what is not streamed', () => {
	const text = (status: string) =>
		JSON.stringify({ id: 'r', status, output: { a: uri(long.toString('base64')) } });

	test.each(['RUNNING', 'FAILED', 'PENDING'])('a run that is %s', async (status) => {
		const { plain, streamed } = await both(text(status));
		expect(streamed).toMatchObject({ item: plain.item, taken: 0 });
	});

	test('an answer that is no success', async () => {
		const store = storage();
		const response = {
			statusCode: 500,
			headers: {},
			body: Readable.from([Buffer.from(text('FINISHED'))]),
		};
		await readResponse(response, undefined, PATIENCE_MS, new StoredDocuments(store.n8n));
		expect(store.taken).toBe(0);
	});
});

/** An answer that never ends, in the middle of a document; counts what was taken of it. */
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

describe('while a document is stored', () => {
	test('a slow storage slows the server', async () => {
		const { sent, chunks } = endless();
		const stop = new AbortController();
		const store = storage({
			onPiece: async () => await new Promise((resolve) => setTimeout(resolve, 20)),
		});
		setTimeout(() => stop.abort(), 300);
		const documents = new StoredDocuments(store.n8n);
		await readResponse(answer(chunks()), stop.signal, PATIENCE_MS, documents);
		expect(sent.bytes).toBeLessThan(25 * 64 * 1024);
	});

	test.each([
		['cancelled', (stop: AbortController) => setTimeout(() => stop.abort(), 50), PATIENCE_MS],
		['timeout', () => {}, 50],
	])(
		'it is broken off at once, also when the storage hangs: %s',
		async (kind, begin, patience) => {
			const stop = new AbortController();
			const store = storage({ onPiece: async () => await new Promise(() => {}) });
			begin(stop);
			const start = performance.now();
			const { chunks } = endless();
			const documents = new StoredDocuments(store.n8n);
			const result = await readResponse(answer(chunks()), stop.signal, patience, documents);
			expect(result).toMatchObject({ failure: { kind, delivered: true } });
			// Milliseconds; a busy machine is late, and a reading that goes on never ends.
			expect(performance.now() - start).toBeLessThan(2_000);
			expect(store.kept.size).toBe(0);
			documents.keep();
			expect(documents.size).toBe(0);
		},
	);

	test('a connection that breaks leaves no file', async () => {
		async function* chunks() {
			yield Buffer.from(`{"output":{"a":"${uri('A'.repeat(200_000))}`);
			await Promise.reject(new Error('gone'));
		}
		const store = storage();
		const documents = new StoredDocuments(store.n8n);
		const result = await readResponse(answer(chunks()), undefined, PATIENCE_MS, documents);
		expect(result).toMatchObject({ failure: { kind: 'truncated', delivered: true } });
		expect(store.kept.size).toBe(0);
		documents.keep();
		expect(documents.size).toBe(0);
	});

	test('an error of the storage is told as it is', async () => {
		const full = new Error('ENOSPC: no space left on device');
		const store = storage({ onPiece: async () => await Promise.reject(full) });
		const documents = new StoredDocuments(store.n8n);
		const text = Buffer.from(run({ a: uri(long.toString('base64')) }));
		const result = await readResponse(answer([text]), undefined, PATIENCE_MS, documents);
		expect(result).toEqual({ unread: 'storage', error: full });
	});

	test.each([
		['too large where n8n keeps files in memory', true, 'tooLarge'],
		['of any size where n8n stores them', false, 'timeout'],
	])('it is %s', async (_name, isInMemory, kind) => {
		const store = storage({ isInMemory });
		const { n8n } = store;
		// Nothing is kept, so that the test needs no memory.
		const { helpers } = n8n as {
			helpers: { prepareBinaryData: (...given: never[]) => Promise<object> };
		};
		const { prepareBinaryData } = helpers;
		helpers.prepareBinaryData = async (content: Buffer | Readable, ...given: never[]) => {
			if (!Buffer.isBuffer(content)) for await (const piece of content) void piece;
			return await prepareBinaryData(Buffer.from('') as never, ...given);
		};
		const { sent, chunks } = endless();
		const documents = new StoredDocuments(n8n);
		const result = await readResponse(
			answer(chunks()),
			undefined,
			isInMemory ? 60_000 : 4_000,
			documents,
		);
		expect(result).toMatchObject({ failure: { kind, delivered: true } });
		if (isInMemory) expect(sent.bytes).toBeLessThan(400 * 1024 * 1024);
		documents.keep();
		if (!isInMemory) expect(documents.size).toBe(0);
	});
});
