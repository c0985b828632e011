import { PassThrough, Readable } from 'node:stream';

import { readResponse } from '../../dist/nodes/Dibby/api/response.js';
import type { Exchange } from '../../dist/nodes/Dibby/api/response.js';
import { Redactor } from '../../dist/nodes/Dibby/api/redact.js';

const NOTHING: { [name in keyof Exchange]?: undefined } = {};

// Broken and unfinished responses are in test/faults/brokenAnswers.test.cts.
const read = async (body: Readable, headers: object = {}, signal = new AbortController().signal) =>
	(await readResponse({ statusCode: 200, headers, body } as never, signal)) ?? NOTHING;

test.each([
	['é', Buffer.from('é')],
	['\ufffdA', Buffer.from([0xe9, 0x41])],
	['{}', Buffer.from('\ufeff{}')],
])('reads %j as UTF-8', async (text, bytes) => {
	const { response } = await read(Readable.from([bytes]));
	expect(response?.text).toBe(text);
});

test('reads a character that was cut in two, JSON, and only headers that are text', async () => {
	const chunks = [Buffer.from([0x22, 0xc3]), Buffer.from([0xa9, 0x22])];
	const headers = { 'retry-after': '5', location: ['/a', '/b'] };
	const { response } = await read(Readable.from(chunks), headers);
	const expected = { status: 200, retryAfter: '5', location: undefined, text: '"é"', json: 'é' };
	expect(response).toEqual(expected);
});

test.each([0, 20])('a signal after %d ms ends it and destroys the body', async (milliseconds) => {
	const body = new PassThrough();
	body.write('{');
	const controller = new AbortController();
	if (milliseconds === 0) controller.abort('timeout');
	else setTimeout(() => controller.abort('timeout'), milliseconds);
	const { failure } = await read(body, {}, controller.signal);
	expect(failure).toMatchObject({ kind: 'timeout', delivered: true });
	expect(body.destroyed).toBe(true);
});

test('without a token nothing is taken for it', () => {
	const redact = new Redactor();
	redact.hide('');
	expect(redact.quote('plain words')).toBe('plain words');
});

test.each(['\\', '\\"'])('a token of many %j is looked for in linear time', (part) => {
	const redact = new Redactor();
	redact.hide(`${part.repeat(40)}!`);
	const start = performance.now();
	redact.quote('\\\\"'.repeat(2_000) + '\\'.repeat(6_000));
	expect(performance.now() - start).toBeLessThan(5_000);
});
