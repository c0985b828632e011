import { PassThrough, Readable } from 'node:stream';

import { readResponse } from '../../dist/nodes/Dibby/api/response.js';
import { Redactor } from '../../dist/nodes/Dibby/api/redact.js';
import { StoredDocuments } from '../../dist/nodes/Dibby/api/storedDocuments.js';

const response = (body: Readable, headers: Record<string, unknown> = {}) =>
	({ statusCode: 200, headers, body }) as never;
const patient = new AbortController().signal;

test.each([
	['é', Buffer.from('é')],
	['\ufffdA', Buffer.from([0xe9, 0x41])],
	['{}', Buffer.from('\ufeff{}')],
])('reads %j as UTF-8', async (text, bytes) => {
	const { response: read } = await readResponse(response(Readable.from([bytes])), patient);
	expect(read?.text).toBe(text);
});

test('reads a character that was cut in two, JSON, and only headers that are text', async () => {
	const chunks = [Buffer.from([0x22, 0xc3]), Buffer.from([0xa9, 0x22])];
	const headers = { 'retry-after': '5', location: ['/a', '/b'] };
	const { response: read } = await readResponse(response(Readable.from(chunks), headers), patient);
	expect(read).toEqual({
		status: 200,
		retryAfter: '5',
		location: undefined,
		text: '"é"',
		json: 'é',
	});
});

describe('a body that is cut off', () => {
	const documents = () => new StoredDocuments({} as never);

	test.each(['timeout', 'cancelled'])('by the signal: %s', async (kind) => {
		const body = new PassThrough();
		body.write('{');
		const controller = new AbortController();
		setTimeout(() => controller.abort(kind), 20);
		const { failure } = await readResponse(response(body), controller.signal);
		const received = kind === 'timeout' ? { received: '{' } : {};
		expect(failure).toEqual({ kind, delivered: true, ...received });
		expect(body.destroyed).toBe(true);
	});

	test('by a signal that was aborted before', async () => {
		const controller = new AbortController();
		controller.abort('timeout');
		const { failure } = await readResponse(response(new PassThrough()), controller.signal);
		expect(failure).toMatchObject({ kind: 'timeout' });
	});

	test('by the connection', async () => {
		const body = new PassThrough();
		setImmediate(() => body.destroy(new Error('gone')));
		const { failure } = await readResponse(response(body), patient);
		expect(failure).toEqual({ kind: 'truncated', delivered: true, received: '' });
	});

	test.each([
		['{"id":"r","output":"data:,x"}', 'as text', undefined],
		['{"id":"r","output":"data:,x"}', 'with documents', documents()],
		['{"id":"r","output":"data:"}', 'with documents', documents()],
		['{"id":"r","output":"data"}', 'without documents', 'skip' as const],
	])('counts if its JSON is complete: %s, %s', async (json, _how, given) => {
		for (const end of ['timeout', 'connection']) {
			const body = new PassThrough();
			const controller = new AbortController();
			body.write(json);
			const breakOff = () =>
				end === 'timeout' ? controller.abort(end) : body.destroy(new Error('gone'));
			setTimeout(breakOff, 20);
			const { response: read } = await readResponse(response(body), controller.signal, given);
			expect(JSON.stringify(read?.json)).toBe(json);
		}
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
		[
			`a file data:application/pdf;base64,${'A'.repeat(100)}.`,
			'a file data:application/pdf;base64,[…]',
		],
		[`a secret ${'x1'.repeat(21)}`, 'a secret […]'],
		[`no secret ${'x1'.repeat(20)}`, `no secret ${'x1'.repeat(20)}`],
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
