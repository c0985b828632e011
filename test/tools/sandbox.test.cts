import { once } from 'node:events';
import { Server } from 'node:http';
import { connect } from 'node:net';

import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ advance: 'poll' });
});
afterEach(async () => await sandbox.close());

async function call(
	path: string,
	body?: string,
	{ url, token }: { url: string; token: string } = sandbox,
) {
	const response = await fetch(`${url}${path}`, {
		method: body === undefined ? 'GET' : 'POST',
		body,
		headers: { authorization: `Bearer ${token}` },
	});
	return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const start = async (workflowId: string, inputs: object) =>
	await call('/runs', JSON.stringify({ workflowId, inputs }));

test('a token that is not its own is a 401', async () => {
	expect((await call('/runs/x', undefined, { ...sandbox, token: 'wrong' })).status).toBe(401);
});

test.each([
	['missing', {}, /"document" \(document\) is missing/],
	['of another type', { document: 'text' }, /must be of the type document, and is string/],
	['too many', { document: 'data:a/b;base64,AAAA', more: 1 }, /has no input "more"/],
])('inputs that are %s are a 400 that says so', async (_what, inputs, message) => {
	const { status, json } = await start(WORKFLOWS.digest.id, inputs);
	expect(status).toBe(400);
	expect(JSON.stringify(json)).toMatch(new RegExp(message.source.replaceAll('"', '\\\\"')));
});

test('a large result can be asked for again', async () => {
	const { json } = await start(WORKFLOWS.manyDocuments.id, { count: 2, bytes: 10 });
	const first = await call(`/runs/${String(json.id)}`);
	expect(first.json.status).toBe('FINISHED');
	expect((await call(`/runs/${String(json.id)}`)).json).toEqual(first.json);
});

test('a document that is no PDF fails the run, as it does in Dibby', async () => {
	const document = `data:application/pdf;base64,${Buffer.from('no pdf').toString('base64')}`;
	const { json } = await start(WORKFLOWS.invoice.id, { document });
	let status: unknown = 'PENDING';
	for (let poll = 0; poll < 4; poll++)
		status = (await call(`/runs/${String(json.id)}`)).json.status;
	expect(status).toBe('FAILED');
});

test('an escape in the address that is none is a 400', async () => {
	expect((await call('/runs/%zz')).status).toBe(400);
	expect((await call('/runs/%E9')).status).toBe(400);
	expect((await call('/runs/none%20such')).status).toBe(404);
});

describe('connections', () => {
	test('are not closed while they rest between two polls, and hold up no end', async () => {
		const { port } = new URL(sandbox.url);
		const socket = connect(Number(port), '127.0.0.1');
		const ended = new Promise((resolve) => socket.once('close', resolve));
		socket.on('error', () => {});
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

	test('may take any time for a large upload', async () => {
		const listen = jest.spyOn(Server.prototype, 'listen');
		const other = await startSandbox();
		await other.close();
		expect(listen.mock.contexts[0]).toMatchObject({ requestTimeout: 0, timeout: 0 });
		listen.mockRestore();
	});

	test('are refused between pause and resume, and closing twice is no error', async () => {
		await sandbox.pause();
		await expect(call('/runs/x')).rejects.toThrow('fetch failed');
		await sandbox.resume();
		expect((await call('/runs/x')).status).toBe(404);
		await sandbox.close();
		await sandbox.close();
	});
});

test.each([
	['back', 0],
	['ahead', Date.UTC(2099, 0, 1)],
])('a clock that is set %s moves no run', async (_direction, time) => {
	const timed = await startSandbox({ advance: 'time', stepMs: 300 });
	const date = jest.spyOn(Date, 'now').mockReturnValue(time);
	const clock = jest.spyOn(performance, 'now').mockReturnValue(5_000);
	try {
		const body = JSON.stringify({ workflowId: WORKFLOWS.otherSpelling.id, inputs: {} });
		const { json } = await call('/runs', body.replace('workflowId', 'worfklowId'), timed);
		const status = async () =>
			(await call(`/runs/${String(json.id)}`, undefined, timed)).json.status;
		expect(await status()).toBe('PENDING');
		clock.mockReturnValue(5_299);
		expect(await status()).toBe('PENDING');
		clock.mockReturnValue(5_300);
		expect(await status()).toBe('FINISHED');
	} finally {
		date.mockRestore();
		clock.mockRestore();
		await timed.close();
	}
});

test('only runs that have come to the step of a person wait for one', async () => {
	const document = 'data:a/b;base64,AAAA';
	await start(WORKFLOWS.echo.id, {});
	const { json } = await start(WORKFLOWS.approval.id, { document });
	const id = String(json.id);
	const look = async () => (await call(`/runs/${id}`)).json.status;
	for (const { id: any } of sandbox.runs.values()) await call(`/runs/${any}`);
	expect(sandbox.waiting()).toEqual([]);
	await look();
	expect(sandbox.waiting()).toEqual([id]);
	expect(await look()).toBe('RUNNING');
	sandbox.finish(id);
	expect(sandbox.waiting()).toEqual([]);
	expect(await look()).toBe('FINISHED');
});
