import { once } from 'node:events';
import { connect } from 'node:net';

import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { sha256 } from '../support/jobs.cts';

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ advance: 'poll' });
});
afterEach(async () => await sandbox.close());

async function call(path: string, body?: string | Buffer, { url, token } = sandbox) {
	const method = body === undefined ? 'GET' : 'POST';
	const headers = { authorization: `Bearer ${token}` };
	const response = await fetch(`${url}${path}`, { method, body, headers });
	return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

async function start(name: keyof typeof WORKFLOWS, inputs: object, at = sandbox) {
	const body = JSON.stringify({ workflowId: WORKFLOWS[name].id, inputs });
	const { status, json } = await call('/runs', body, at);
	const id = String(json.id);
	return { status, json, id, look: async () => (await call(`/runs/${id}`, undefined, at)).json };
}

const refusal = (text: string) => ({ error: { message: expect.stringContaining(text) as string } });
const CONTENT = Buffer.from([0xfb, 0xff, 0xbf, 0xfb]);
const URI = `data:a/b;base64,${CONTENT.toString('base64')}`;
const DOCUMENT = { mediaType: 'a/b', bytes: 4, sha256: sha256(CONTENT) };

test.each<[string, object, string]>([
	['missing', {}, '"document" (document) is missing'],
	['of another type', { document: 'text' }, 'must be of the type document, and is string'],
	['forged documents', { document: DOCUMENT }, 'must be of the type document, and is object'],
	['too many', { document: URI, more: 1 }, 'has no input "more"'],
])('inputs that are %s are a 400 that says so', async (_what, inputs, message) => {
	expect(await start('digest', inputs)).toMatchObject({ status: 400, json: refusal(message) });
});

test('a list of documents may be empty, and has nothing else in it', async () => {
	expect((await start('bundle', { documents: [] })).status).toBe(201);
	expect((await start('bundle', { documents: [URI, 'text'] })).status).toBe(400);
});

test.each<[string, string | Buffer, string]>([
	['a list', '[]', 'must be an object'],
	['null', 'null', 'must be an object'],
	['a document', `"${URI}"`, 'must be an object'],
	['nothing', '', "can't be read"],
	['half of the JSON', '{"workflowId":"ECHO","inputs":{', "can't be read"],
	['no workflowId', '{"inputs":{}}', 'must have the key workflowId'],
	['a number as workflowId', '{"workflowId":5,"inputs":{}}', 'must be a string'],
	['only the other key', '{"worfklowId":"ECHO","inputs":{}}', 'must have the key workflowId'],
	['no inputs', '{"workflowId":"ECHO"}', 'inputs must be an object'],
	['a list as inputs', '{"workflowId":"ECHO","inputs":[]}', 'inputs must be an object'],
	['Latin-1', Buffer.from('{"inputs":{"x":"Größe"}}', 'latin1'), "can't be read"],
	...['AAA', 'AA-A', 'AA==AAAA', 'AAAA\\n', `!${'A'.repeat(8 * 1024 * 1024)}`].map(
		(base64): [string, string, string] => [
			`the base64 ${base64.slice(0, 9)}`,
			`{"workflowId":"ECHO","inputs":{"document":"data:a/b;base64,${base64}"}}`,
			"can't be read",
		],
	),
])('a body with %s gets a 400 that says so', async (_what, body, message) => {
	const sent = typeof body === 'string' ? body.replace('ECHO', WORKFLOWS.echo.id) : body;
	expect(await call('/runs', sent)).toEqual({ status: 400, json: refusal(message) });
});

test('documents at any depth become digests, however JSON writes them', async () => {
	const json = JSON.stringify({ a: { b: [{ c: URI }] }, list: [[URI]], é: '€ 😀' });
	const escaped = json.replaceAll('/', '\\/').replaceAll('+', '\\u002b').replace('d', '\\u0064');
	await call('/runs', `{"workflowId":"${WORKFLOWS.echo.id}","inputs":${escaped}}`);
	const [run] = sandbox.runs.values();
	expect(run?.inputs).toEqual({ a: { b: [{ c: DOCUMENT }] }, list: [[DOCUMENT]], é: '€ 😀' });
});

const NO_PDF = ['AAAA', 'A'.repeat(2 * 1024 * 1024)];
test.each(NO_PDF)('what is no PDF fails the run, as it does in Dibby: %#', async (base64) => {
	const { look } = await start('invoice', { document: `data:a/b;base64,${base64}` });
	for (let poll = 0; poll < 3; poll++) await look();
	expect((await look()).status).toBe('FAILED');
});

test('a large result can be asked for again', async () => {
	const { look } = await start('manyDocuments', { count: 2, bytes: 10 });
	const first = await look();
	expect(first.status).toBe('FINISHED');
	expect(await look()).toEqual(first);
});

test.each<[string, number, { body?: string; token?: string }]>([
	['/runs/%zz', 400, {}],
	['/runs/%E9', 400, {}],
	['/runs/none%20such', 404, {}],
	['/runs', 404, { body: '{"workflowId":"nobody","inputs":{}}' }],
	['/runs/x', 401, { token: 'wrong' }],
])('%s is a %d', async (path, status, { body, token = sandbox.token }) => {
	expect((await call(path, body, { ...sandbox, token })).status).toBe(status);
});

test('connections are not closed while they rest between two polls, and hold up no end', async () => {
	const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1').on('error', () => {});
	const ended = once(socket, 'close');
	socket.write('GET /api/runs/x HTTP/1.1\r\nhost: x\r\n\r\n');
	const [head] = (await once(socket, 'data')) as [Buffer];
	// Node.js names the seconds after which it would close the connection.
	expect(head.toString()).not.toMatch(/keep-alive: timeout=/i);
	expect(sandbox.openSockets).toBe(1);
	// If it held up the end, this would wait until the test's time is over.
	await sandbox.close();
	await ended;
	expect(sandbox.openSockets).toBe(0);
});

test('only runs that have come to the step of a person wait for one', async () => {
	const other = await start('echo', {});
	const { id, look } = await start('approval', { document: URI });
	await other.look();
	await look();
	expect(sandbox.waiting()).toEqual([]);
	await look();
	expect(sandbox.waiting()).toEqual([id]);
	expect((await look()).status).toBe('RUNNING');
	sandbox.finish(id);
	expect(sandbox.waiting()).toEqual([]);
	expect((await look()).status).toBe('FINISHED');
});

test('time moves a run on, but not a clock that is set', async () => {
	const timed = await startSandbox({ advance: 'time', stepMs: 300 });
	const date = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2099, 0, 1));
	const clock = jest.spyOn(performance, 'now').mockReturnValue(5_000);
	try {
		const { look } = await start('digest', { document: URI }, timed);
		clock.mockReturnValue(5_299);
		expect((await look()).status).toBe('PENDING');
		clock.mockReturnValue(5_300);
		expect((await look()).status).toBe('FINISHED');
	} finally {
		date.mockRestore();
		clock.mockRestore();
		await timed.close();
	}
});
