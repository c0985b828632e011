import { PassThrough, Readable } from 'node:stream';

import { clock } from '../../dist/nodes/Dibby/clock.js';
import { readResponse } from '../../dist/nodes/Dibby/api/response.js';
import { Redactor } from '../../dist/nodes/Dibby/api/serverText.js';

const response = (body: Readable, headers: Record<string, unknown> = {}) =>
	({ statusCode: 200, headers, body }) as never;
const PATIENCE_MS = 5_000;

test.each([
	['é', Buffer.from('é'), 'application/json'],
	['é', Buffer.from('é'), 'text/plain; charset=iso-8859-1'],
	['é', Buffer.from([0xe9]), undefined],
	['я', Buffer.from([0xd1]), 'text/plain; charset=koi8-r'],
	['я', Buffer.from([0xd1]), 'text/plain; Charset="koi8-r"'],
	['é', Buffer.from([0xe9]), 'text/plain; charset=unheard-of'],
])('%s from the bytes %j, of the type %s', async (text, bytes, type) => {
	const { response: answer } = await readResponse(
		response(Readable.from([bytes]), type === undefined ? {} : { 'content-type': type }),
		undefined,
		PATIENCE_MS,
	);
	expect(answer?.text).toBe(text);
	expect(answer?.json).toBeUndefined();
});

test('a character that is cut in two, JSON, and headers of which only texts count', async () => {
	const [first, second] = [Buffer.from([0x22, 0xc3]), Buffer.from([0xa9, 0x22])];
	const headers = { 'retry-after': '5', location: ['/a', '/b'] };
	const { response: answer } = await readResponse(
		response(Readable.from([first, second]), headers),
		undefined,
		PATIENCE_MS,
	);
	expect(answer).toEqual({
		status: 200,
		retryAfter: '5',
		location: undefined,
		text: '"é"',
		json: 'é',
	});
});

describe('an answer that does not come to its end', () => {
	const { watch } = clock;
	afterEach(() => {
		clock.watch = watch;
	});

	test('is too slow', async () => {
		const body = new PassThrough();
		body.write('{');
		const { failure } = await readResponse(response(body), undefined, 20);
		expect(failure).toEqual({ kind: 'timeout', delivered: true, received: '{' });
		expect(body.destroyed).toBe(true);
	});

	test('breaks off', async () => {
		const body = new PassThrough();
		setImmediate(() => body.destroy(new Error('gone')));
		const { failure } = await readResponse(response(body), undefined, PATIENCE_MS);
		expect(failure).toEqual({ kind: 'truncated', delivered: true, received: '' });
	});

	test('is cancelled', async () => {
		const body = new PassThrough();
		const controller = new AbortController();
		setImmediate(() => controller.abort());
		const { failure } = await readResponse(response(body), controller.signal, PATIENCE_MS);
		expect(failure).toEqual({ kind: 'cancelled', delivered: true });
		expect(body.destroyed).toBe(true);
	});

	test('and the watch over one that does ends with it', async () => {
		const watched: AbortSignal[] = [];
		clock.watch = async (milliseconds, stop) => {
			if (stop) watched.push(stop);
			await watch(milliseconds, stop);
		};
		const controller = new AbortController();
		await readResponse(
			response(Readable.from(['1'].map((text) => Buffer.from(text)))),
			controller.signal,
			PATIENCE_MS,
		);
		expect(watched.map(({ aborted }) => aborted)).toEqual([true]);
	});
});

describe('text of a server', () => {
	const redact = new Redactor();
	redact.hide('tok+en/1');

	test.each([
		[
			'the token tok+en/1, tok%2Ben%2F1 and dG9rK2VuLzE= again',
			'the token [token], [token] and [token] again',
		],
		[`a file data:application/pdf;base64,${'A'.repeat(100)}.`, 'a file [content].'],
		[`a secret ${'x'.repeat(80)}`, 'a secret [content]'],
		[`no secret ${'x'.repeat(79)}`, `no secret ${'x'.repeat(79)}`],
		[' white \n\n space\t', 'white space'],
		['word '.repeat(120).trim(), 'word '.repeat(120).trim()],
		['word '.repeat(500), `${'word '.repeat(120)}…`],
	])('%s', (text, shown) => {
		expect(redact.quote(text)).toBe(shown);
	});

	test('without a token nothing is taken for it', () => {
		const plain = new Redactor();
		plain.hide('');
		expect(plain.quote('plain words')).toBe('plain words');
	});
});
