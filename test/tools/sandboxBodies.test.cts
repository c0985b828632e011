import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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
	return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

/** Polls a run until it is over, and gives what its output was. */
async function outputOf(id: unknown): Promise<unknown> {
	for (let poll = 0; poll < 10; poll++) {
		const response = await fetch(`${sandbox.url}/runs/${String(id)}`, {
			headers: { authorization: `Bearer ${sandbox.token}` },
		});
		const run = (await response.json()) as { status: string; output: unknown };
		if (run.status === 'FINISHED' || run.status === 'FAILED') return run.output;
	}
	throw new Error('the run is not over after 10 polls');
}

async function echo(inputs: string): Promise<unknown> {
	const { json } = await post(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":${inputs}}`);
	return await outputOf(json.id);
}

const digest = (mediaType: string, content: Buffer) => ({
	mediaType,
	bytes: content.length,
	sha256: createHash('sha256').update(content).digest('hex'),
});

/** Sends the head of a POST and nothing else yet. */
async function openPost(contentLength: number): Promise<Socket> {
	const { port, host } = new URL(sandbox.url);
	const socket = connect(Number(port), '127.0.0.1').setNoDelay();
	socket.write(
		`POST /api/runs HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\nauthorization: Bearer ${sandbox.token}\r\ncontent-length: ${contentLength}\r\n\r\n`,
	);
	return socket;
}

async function textOf(socket: Socket): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
	return Buffer.concat(chunks).toString('utf8');
}

describe('documents', () => {
	const content = Buffer.from('a document');
	const uri = `data:a/b;base64,${content.toString('base64')}`;

	test('at any depth become digests', async () => {
		const inputs = { a: { b: [{ c: uri }] }, list: [[uri]], d: uri };
		const document = digest('a/b', content);
		expect(await echo(JSON.stringify(inputs))).toEqual({
			a: { b: [{ c: document }] },
			list: [[document]],
			d: document,
		});
	});

	test('are not what a client calls one', async () => {
		const forged = { sha256: 'x', mediaType: 'a/b', bytes: 1, more: 'kept' };
		const body = { workflowId: WORKFLOWS.digest.id, inputs: { document: forged } };
		const { status, json } = await post(JSON.stringify(body));
		expect(status).toBe(400);
		expect(JSON.stringify(json)).toContain('must be of the type document, and is object');
		expect(await echo(JSON.stringify({ forged }))).toEqual({ forged });
	});

	test('can not be forged by text that looks like what stands for one', async () => {
		const long = `data:${'x'.repeat(400)};base64,#0`;
		expect(await echo(JSON.stringify({ first: uri, long }))).toEqual({
			first: digest('a/b', content),
			long,
		});
	});

	test('are no keys', async () => {
		const body = `{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"${uri}":1}}`;
		const { status, json } = await post(body);
		expect(status).toBe(400);
		expect(JSON.stringify(json)).toContain('key');
	});

	test('can be none at all where a list of them is asked for', async () => {
		const inputs = { documents: [] };
		const { status, json } = await post(
			JSON.stringify({ workflowId: WORKFLOWS.bundle.id, inputs }),
		);
		expect(status).toBe(201);
		expect(await outputOf(json.id)).toEqual({ documents: [] });
	});

	test('are in a list of documents alone', async () => {
		const inputs = { documents: [uri, 'text'] };
		const { status } = await post(JSON.stringify({ workflowId: WORKFLOWS.bundle.id, inputs }));
		expect(status).toBe(400);
	});
});

describe('escapes in a data URI', () => {
	// Its base64 has both of the characters that JSON may escape.
	const content = Buffer.from([0xfb, 0xff, 0xbf, 0xfb]);
	const base64 = content.toString('base64');
	const expected = { document: digest('application/pdf', content) };

	test.each([
		['\\/ in the media type', `data:application\\/pdf;base64,${base64}`],
		['\\/ in the content', `data:application/pdf;base64,${base64.replaceAll('/', '\\/')}`],
		['\\u002b in the content', `data:application/pdf;base64,${base64.replaceAll('+', '\\u002b')}`],
		['at the very beginning', `\\u0064ata:application/pdf;base64,${base64}`],
		['in the padding', `data:application/pdf;base64,${base64.replaceAll('=', '\\u003D')}`],
	])('are read: %s', async (_where, uri) => {
		expect(base64).toMatch(/\+.*\/.*=|\/.*\+.*=/);
		expect(await echo(`{"document":"${uri}"}`)).toEqual(expected);
	});

	test('are read when they come byte by byte', async () => {
		const uri = `data:application\\/pdf;base64,${base64.replaceAll('+', '\\u002b').replaceAll('/', '\\/')}`;
		const body = `{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"document":"${uri}","é":"\\""}}`;
		const bytes = Buffer.from(body);
		const socket = await openPost(bytes.length);
		for (const byte of bytes) {
			socket.write(Buffer.of(byte));
			await pause(1);
		}
		expect(await textOf(socket)).toContain('HTTP/1.1 201');
		const [run] = [...sandbox.runs.values()];
		expect(await outputOf(run?.id)).toEqual({ ...expected, é: '"' });
	});

	test.each(['AAAA\\', 'AAAA\\"', 'AAAA\\u002', 'AAAA\\x', '\\u0141AAA', 'AAAA\\n', '\\u00g1AAA'])(
		'that base64 does not have are a 400: %s',
		async (wrong) => {
			const body = `{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"document":"data:a/b;base64,${wrong}"}}`;
			expect((await post(body)).status).toBe(400);
		},
	);
});

describe('a body that is not UTF-8 is a 400', () => {
	const around = (bytes: Buffer) =>
		Buffer.concat([
			Buffer.from(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"x":"`),
			bytes,
			Buffer.from('"}}'),
		]);

	test.each([
		['Latin-1', Buffer.from('Größe', 'latin1')],
		['half a character', Buffer.from([0xe2, 0x82])],
		['an overlong form', Buffer.from([0xc0, 0xaf])],
		['half a surrogate pair', Buffer.from([0xed, 0xa0, 0x80])],
		[
			'Latin-1 in a media type',
			Buffer.concat([Buffer.from('data:'), Buffer.of(0xe9), Buffer.from('/b;base64,AAAA')]),
		],
	])('%s', async (_what, bytes) => {
		const { status, json } = await post(around(bytes));
		expect(status).toBe(400);
		expect(JSON.stringify(json)).toContain("can't be read");
	});

	test('but characters of any length are read', async () => {
		expect(await echo('{"x":"Größe € 😀"}')).toEqual({ x: 'Größe € 😀' });
	});
});

test('a wrong document at the beginning of a large body is a 400, not a lost connection', async () => {
	const body = `{"workflowId":"${WORKFLOWS.digest.id}","inputs":{"document":"data:a/b;base64,!${'A'.repeat(8 * MIB)}"}}`;
	expect((await post(body)).status).toBe(400);
});

describe('a body that', () => {
	test.each([
		['is a list', '[]', 'must be an object'],
		['is null', 'null', 'must be an object'],
		['is a text', '"text"', 'must be an object'],
		['is a document', '"data:a/b;base64,AAAA"', 'must be an object'],
		['is empty', '', "can't be read"],
		['has no workflowId', '{"inputs":{}}', 'must have the key workflowId'],
		['has a number as workflowId', '{"workflowId":5,"inputs":{}}', 'must be a string'],
		['has null as workflowId', '{"workflowId":null,"inputs":{}}', 'must be a string'],
		['has only the other key', '{"worfklowId":"ECHO","inputs":{}}', 'must have the key workflowId'],
		['has no inputs', '{"workflowId":"ECHO"}', 'inputs must be an object'],
		['has a list as inputs', '{"workflowId":"ECHO","inputs":[]}', 'inputs must be an object'],
		[
			'has a document as inputs',
			'{"workflowId":"ECHO","inputs":"data:a/b;base64,AAAA"}',
			'inputs must be an object',
		],
	])('%s is a 400 that says so', async (_what, body, message) => {
		const { status, json } = await post(body.replace('ECHO', WORKFLOWS.echo.id));
		expect(status).toBe(400);
		expect(JSON.stringify(json)).toContain(message);
	});

	test('names a workflow that does not exist is a 404', async () => {
		expect((await post('{"workflowId":"nobody","inputs":{}}')).status).toBe(404);
	});
});

describe('contents of documents', () => {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;

	/** Memory held in buffers, in bytes, once all that is garbage is gone. */
	async function heldBytes(): Promise<number> {
		for (let round = 0; round < 3; round++) {
			collect();
			await pause(20);
		}
		return process.memoryUsage().arrayBuffers;
	}

	test.each(['digest', 'invoice', 'approval'] as const)(
		'are not kept after the POST: %s',
		async (name) => {
			const content = Buffer.alloc(MIB, 'x').toString('base64');
			const inputs = { document: `data:text/plain;base64,${content}` };
			const body = JSON.stringify({ workflowId: WORKFLOWS[name].id, inputs });
			// What is loaded for the first document stays.
			await post(body);
			const before = await heldBytes();
			for (let run = 0; run < 4; run++) expect((await post(body)).status).toBe(201);
			expect((await heldBytes()) - before).toBeLessThan(2 * MIB);
			for (const { inputs } of sandbox.runs.values()) {
				expect(inputs).toEqual({ document: digest('text/plain', Buffer.alloc(MIB, 'x')) });
			}
		},
	);

	test('are not kept while they come, for a workflow that reads none', async () => {
		const head = `{"workflowId":"${WORKFLOWS.digest.id}","inputs":{"document":"data:a/b;base64,`;
		const socket = await openPost(head.length + 20 * MIB);
		const before = await heldBytes();
		socket.write(head);
		const piece = Buffer.alloc(MIB, 'A');
		for (let sent = 0; sent < 14; sent++) {
			await new Promise((resolve) => socket.write(piece, resolve));
		}
		const held = (await heldBytes()) - before;
		expect(sandbox.requests[0]?.bodyBytes).toBeGreaterThan(12 * MIB);
		expect(held).toBeLessThan(5 * MIB);
		socket.destroy();
	});

	test.each([
		['the workflow comes first', (id: string, inputs: object) => ({ workflowId: id, inputs })],
		['the inputs come first', (id: string, inputs: object) => ({ inputs, workflowId: id })],
	])('are read where the workflow needs them, when %s', async (_order, bodyOf) => {
		const pdf = readFileSync(join(__dirname, '..', '..', 'examples', 'files', 'invoice.pdf'));
		const document = `data:application/pdf;base64,${pdf.toString('base64')}`;
		const { json } = await post(JSON.stringify(bodyOf(WORKFLOWS.invoice.id, { document })));
		const output = (await outputOf(json.id)) as { total: number; lines: unknown[] };
		expect(output.lines.length).toBeGreaterThan(0);
		expect(output.total).toBeGreaterThan(0);
	});

	test('that are too large to read fail the run', async () => {
		const document = `data:application/pdf;base64,${'A'.repeat(24 * MIB)}`;
		const { json } = await post(
			JSON.stringify({ workflowId: WORKFLOWS.invoice.id, inputs: { document } }),
		);
		await outputOf(json.id);
		expect([...sandbox.runs.values()][0]?.status).toBe('FAILED');
	});
});
