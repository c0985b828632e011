import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { sha256 } from '../support/jobs.cts';

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ advance: 'poll' });
});
afterEach(async () => await sandbox.close());

async function post(body: string | Buffer) {
	const headers = { authorization: `Bearer ${sandbox.token}` };
	const response = await fetch(`${sandbox.url}/runs`, { method: 'POST', body, headers });
	return { status: response.status, text: await response.text() };
}
const start = async (name: keyof typeof WORKFLOWS, inputs: object) =>
	await post(JSON.stringify({ workflowId: WORKFLOWS[name].id, inputs }));

const CONTENT = Buffer.from([0xfb, 0xff, 0xbf, 0xfb]);
const BASE64 = CONTENT.toString('base64');
const URI = `data:a/b;base64,${BASE64}`;
const DOCUMENT = { mediaType: 'a/b', bytes: 4, sha256: sha256(CONTENT) };

describe('documents', () => {
	test('at any depth become digests, however JSON writes them', async () => {
		const json = JSON.stringify({ a: { b: [{ c: URI }] }, list: [[URI]], é: '€ 😀' });
		const escaped = json
			.replaceAll('/', '\\/')
			.replaceAll('+', '\\u002b')
			.replace('data', '\\u0064ata');
		await post(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":${escaped}}`);
		const [run] = sandbox.runs.values();
		const expected = { a: { b: [{ c: DOCUMENT }] }, list: [[DOCUMENT]], é: '€ 😀' };
		expect(run?.inputs).toEqual(expected);
	});

	test("can't be forged by an object with the same keys", async () => {
		expect(await start('digest', { document: DOCUMENT })).toMatchObject({
			status: 400,
			text: expect.stringContaining('must be of the type document, and is object') as string,
		});
	});

	test.each([
		['no document', [], 201],
		['a document and a text', [URI, 'text'], 400],
	])('a list with %s', async (_what, documents, status) => {
		expect((await start('bundle', { documents })).status).toBe(status);
	});

	test('that are too large to read fail the run', async () => {
		await start('invoice', { document: `data:a/b;base64,${'A'.repeat(2 * 1024 * 1024)}` });
		const [run] = sandbox.runs.values();
		const headers = { authorization: `Bearer ${sandbox.token}` };
		for (let poll = 0; poll < 5; poll++) {
			await (await fetch(`${sandbox.url}/runs/${run?.id}`, { headers })).text();
		}
		expect(run?.status).toBe('FAILED');
	});
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
	[
		'Latin-1',
		Buffer.from('{"workflowId":"ECHO","inputs":{"x":"Größe"}}', 'latin1'),
		"can't be read",
	],
	...['AAA', 'AA-A', 'AA==AAAA', 'AAAA\\n', `!${'A'.repeat(8 * 1024 * 1024)}`].map(
		(base64): [string, string, string] => [
			`the base64 ${base64.slice(0, 9)}`,
			`{"workflowId":"ECHO","inputs":{"document":"data:a/b;base64,${base64}"}}`,
			"can't be read",
		],
	),
])('a body with %s gets a 400 that says so', async (_what, body, message) => {
	const sent = typeof body === 'string' ? body.replace('ECHO', WORKFLOWS.echo.id) : body;
	const { status, text } = await post(sent);
	expect(status).toBe(400);
	expect(text).toContain(message);
});

test('an unknown workflow gets a 404', async () => {
	expect((await post('{"workflowId":"nobody","inputs":{}}')).status).toBe(404);
});
