import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';

const MIB = 1024 * 1024;

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ advance: 'poll' });
});
afterEach(async () => await sandbox.close());

async function post(body: string | Buffer) {
	const response = await fetch(`${sandbox.url}/runs`, {
		method: 'POST',
		body,
		headers: { authorization: `Bearer ${sandbox.token}` },
	});
	return { status: response.status, text: await response.text() };
}

/** Starts a run of the echo workflow, and returns the inputs as the sandbox received them. */
async function echo(inputs: string): Promise<unknown> {
	expect(await post(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":${inputs}}`)).toMatchObject({
		status: 201,
	});
	return [...sandbox.runs.values()].at(-1)?.inputs;
}

const digest = (mediaType: string, content: Buffer) => ({
	mediaType,
	bytes: content.length,
	sha256: createHash('sha256').update(content).digest('hex'),
});

/** Sends the head of a POST request only. */
function openPost(contentLength: number): Socket {
	const { port, host } = new URL(sandbox.url);
	const socket = connect(Number(port), '127.0.0.1').setNoDelay();
	socket.write(
		`POST /api/runs HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\nauthorization: Bearer ${sandbox.token}\r\ncontent-length: ${contentLength}\r\n\r\n`,
	);
	return socket;
}

describe('documents', () => {
	const content = Buffer.from('a document');
	const uri = `data:a/b;base64,${content.toString('base64')}`;

	test('at any depth become digests', async () => {
		const document = digest('a/b', content);
		const inputs = { a: { b: [{ c: uri }] }, list: [[uri]], d: uri };
		expect(await echo(JSON.stringify(inputs))).toEqual({
			a: { b: [{ c: document }] },
			list: [[document]],
			d: document,
		});
	});

	test("can't be forged by an object with the same keys", async () => {
		const document = { sha256: 'x', mediaType: 'a/b', bytes: 1 };
		const body = { workflowId: WORKFLOWS.digest.id, inputs: { document } };
		expect(await post(JSON.stringify(body))).toMatchObject({
			status: 400,
			text: expect.stringContaining('must be of the type document, and is object') as string,
		});
	});

	test.each([
		['no document', [], 201],
		['a document and a text', [uri, 'text'], 400],
	])('a list with %s', async (_what, documents, status) => {
		const body = { workflowId: WORKFLOWS.bundle.id, inputs: { documents } };
		expect((await post(JSON.stringify(body))).status).toBe(status);
	});

	test('are not kept while they arrive', async () => {
		const head = `{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"document":"data:a/b;base64,`;
		const socket = openPost(head.length + 200 * MIB);
		const before = process.memoryUsage().rss;
		socket.write(head);
		const piece = Buffer.alloc(MIB, 'A');
		for (let sent = 0; sent < 150; sent++) {
			await new Promise((resolve) => socket.write(piece, resolve));
		}
		expect(sandbox.requests[0]?.bodyBytes).toBeGreaterThan(140 * MIB);
		expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
		socket.destroy();
	});

	test('that are too large to read fail the run', async () => {
		const document = `data:application/pdf;base64,${'A'.repeat(2 * MIB)}`;
		await post(JSON.stringify({ workflowId: WORKFLOWS.invoice.id, inputs: { document } }));
		const [run] = sandbox.runs.values();
		const headers = { authorization: `Bearer ${sandbox.token}` };
		for (let poll = 0; poll < 5; poll++) {
			await (await fetch(`${sandbox.url}/runs/${run?.id}`, { headers })).text();
		}
		expect(run?.status).toBe('FAILED');
	});
});

describe('escapes in a data URI', () => {
	// Its base64 has both characters that JSON can escape.
	const content = Buffer.from([0xfb, 0xff, 0xbf, 0xfb]);
	const base64 = content.toString('base64');
	const expected = { document: digest('application/pdf', content) };

	test.each([
		['\\/ in the media type', `data:application\\/pdf;base64,${base64}`],
		['\\/ in the content', `data:application/pdf;base64,${base64.replaceAll('/', '\\/')}`],
		['\\u002b in the content', `data:application/pdf;base64,${base64.replaceAll('+', '\\u002b')}`],
		['at the beginning', `\\u0064ata:application/pdf;base64,${base64}`],
		['in the padding', `data:application/pdf;base64,${base64.replaceAll('=', '\\u003D')}`],
	])('are read: %s', async (_where, uri) => {
		expect(await echo(`{"document":"${uri}"}`)).toEqual(expected);
	});

	test('are read when they arrive byte by byte', async () => {
		const uri = `data:application\\/pdf;base64,${base64.replaceAll('+', '\\u002b').replaceAll('/', '\\/')}`;
		const inputs = `{"document":"${uri}","é":"\\""}`;
		const bytes = Buffer.from(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":${inputs}}`);
		const socket = openPost(bytes.length);
		for (const byte of bytes) {
			socket.write(Buffer.of(byte));
			await pause(1);
		}
		await new Promise((resolve) => socket.resume().once('close', resolve));
		const [run] = sandbox.runs.values();
		expect(run?.inputs).toEqual({ ...expected, é: '"' });
	});
});

describe('a body that', () => {
	const around = (bytes: Buffer) =>
		Buffer.concat([
			Buffer.from(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"x":"`),
			bytes,
			Buffer.from('"}}'),
		]);

	test.each([
		['is a list', '[]', 'must be an object'],
		['is null', 'null', 'must be an object'],
		['is a text', '"text"', 'must be an object'],
		['is a document', '"data:a/b;base64,AAAA"', 'must be an object'],
		['is empty', '', "can't be read"],
		['is cut off', '{"workflowId":"ECHO","inputs":{', "can't be read"],
		['has a repeated key', '{"workflowId":"ECHO","inputs":{"a":1,"a":2}}', 'occurs twice'],
		['has no workflowId', '{"inputs":{}}', 'must have the key workflowId'],
		['has a number as workflowId', '{"workflowId":5,"inputs":{}}', 'must be a string'],
		['has only the other key', '{"worfklowId":"ECHO","inputs":{}}', 'must have the key workflowId'],
		['has no inputs', '{"workflowId":"ECHO"}', 'inputs must be an object'],
		['has a list as inputs', '{"workflowId":"ECHO","inputs":[]}', 'inputs must be an object'],
		['is Latin-1', around(Buffer.from('Größe', 'latin1')), "can't be read"],
		['has half a character', around(Buffer.from([0xe2, 0x82])), "can't be read"],
		['has half a surrogate pair', around(Buffer.from([0xed, 0xa0, 0x80])), "can't be read"],
		...['AAA', 'AA-A', 'AA==AAAA', 'AAAA\\', 'AAAA\\u002', 'AAAA\\x', '\\u0141AAA', 'AAAA\\n'].map(
			(base64): [string, string, string] => [
				`has a document with the base64 ${base64}`,
				`{"workflowId":"ECHO","inputs":{"document":"data:a/b;base64,${base64}"}}`,
				"can't be read",
			],
		),
	])('%s gets a 400 that says so', async (_what, body, message) => {
		const sent = typeof body === 'string' ? body.replace('ECHO', WORKFLOWS.echo.id) : body;
		const { status, text } = await post(sent);
		expect(status).toBe(400);
		expect(text).toContain(message);
	});

	test('has characters of any length is read', async () => {
		expect(await echo('{"x":"Größe € 😀"}')).toEqual({ x: 'Größe € 😀' });
	});

	test('has an invalid document before a lot of data gets a 400, not a lost connection', async () => {
		const uri = `data:a/b;base64,!${'A'.repeat(8 * MIB)}`;
		const body = { workflowId: WORKFLOWS.digest.id, inputs: { document: uri } };
		expect((await post(JSON.stringify(body))).status).toBe(400);
	});

	test('names an unknown workflow gets a 404', async () => {
		expect((await post('{"workflowId":"nobody","inputs":{}}')).status).toBe(404);
	});
});
