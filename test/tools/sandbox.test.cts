import { once } from 'node:events';
import { connect } from 'node:net';

import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ advance: 'poll' });
});
afterEach(async () => await sandbox.close());

async function call(path: string, body?: object, { url, token } = sandbox) {
	const response = await fetch(`${url}${path}`, {
		method: body === undefined ? 'GET' : 'POST',
		body: body && JSON.stringify(body),
		headers: { authorization: `Bearer ${token}` },
	});
	return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

async function start(name: keyof typeof WORKFLOWS, inputs: object) {
	const { status, json } = await call('/runs', { workflowId: WORKFLOWS[name].id, inputs });
	const id = String(json.id);
	return { status, json, id, look: async () => (await call(`/runs/${id}`)).json };
}

test('a token that is not its own is a 401', async () => {
	expect((await call('/runs/x', undefined, { ...sandbox, token: 'wrong' })).status).toBe(401);
});

test.each([
	['missing', {}, '"document" (document) is missing'],
	['of another type', { document: 'text' }, 'must be of the type document, and is string'],
	['too many', { document: 'data:a/b;base64,AAAA', more: 1 }, 'has no input "more"'],
])('inputs that are %s are a 400 that says so', async (_what, inputs, message) => {
	const { status, json } = await start('digest', inputs);
	expect(status).toBe(400);
	expect(json).toMatchObject({ error: { message: expect.stringContaining(message) as string } });
});

test('a large result can be asked for again', async () => {
	const { look } = await start('manyDocuments', { count: 2, bytes: 10 });
	const first = await look();
	expect(first.status).toBe('FINISHED');
	expect(await look()).toEqual(first);
});

test('a document that is no PDF fails the run, as it does in Dibby', async () => {
	const { look } = await start('invoice', { document: 'data:application/pdf;base64,AAAA' });
	for (let poll = 0; poll < 3; poll++) await look();
	expect((await look()).status).toBe('FAILED');
});

test.each([
	['/runs/%zz', 400],
	['/runs/%E9', 400],
	['/runs/none%20such', 404],
])('the address %s is a %d', async (path, status) => {
	expect((await call(path)).status).toBe(status);
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

test('connections are refused between pause and resume', async () => {
	await sandbox.pause();
	await expect(call('/runs/x')).rejects.toThrow('fetch failed');
	await sandbox.resume();
	expect((await call('/runs/x')).status).toBe(404);
});

test('only runs that have come to the step of a person wait for one', async () => {
	const other = await start('echo', {});
	const { id, look } = await start('approval', { document: 'data:a/b;base64,AAAA' });
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
		const workflowId = WORKFLOWS.digest.id;
		const body = { workflowId, inputs: { document: 'data:a/b;base64,AAAA' } };
		const { json } = await call('/runs', body, timed);
		const path = `/runs/${String(json.id)}`;
		const statusAt = async (time: number) => {
			clock.mockReturnValue(time);
			return (await call(path, undefined, timed)).json.status;
		};
		expect(await statusAt(5_299)).toBe('PENDING');
		expect(await statusAt(5_300)).toBe('FINISHED');
	} finally {
		date.mockRestore();
		clock.mockRestore();
		await timed.close();
	}
});
