import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ advance: 'poll' });
});
afterEach(async () => await sandbox.close());

async function call(path: string, body?: string, token = sandbox.token) {
	const response = await fetch(`${sandbox.url}${path}`, {
		method: body === undefined ? 'GET' : 'POST',
		body,
		headers: { authorization: `Bearer ${token}` },
	});
	return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const start = async (workflowId: string, inputs: object) =>
	await call('/runs', JSON.stringify({ workflowId, inputs }));

test('a token that is not its own is a 401', async () => {
	expect((await call('/runs/x', undefined, 'wrong')).status).toBe(401);
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

test('base64 that is not strictly valid is a 400', async () => {
	for (const document of [
		'data:a/b;base64,AAA',
		'data:a/b;base64,AA-A',
		'data:a/b;base64,AA==AAAA',
	]) {
		expect((await start(WORKFLOWS.digest.id, { document })).status).toBe(400);
	}
});

test('a key that is there twice is a 400', async () => {
	const body = `{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"a":1,"a":2}}`;
	expect((await call('/runs', body)).status).toBe(400);
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
