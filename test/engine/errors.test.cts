import { clock } from '../../dist/nodes/Dibby/clock.js';
import type { FaultPlan } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startEngine } from '../support/engine.cts';
import { document, echo, fields, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

const suite = useSuite();

const SECRET_CONTENT = 'content that must not be shown '.repeat(10);
const steps = [
	triggerRun(WORKFLOWS.digest.id, {
		...fields({ name: 'note', type: 'string', value: 'hello' }),
		...document('document'),
	}),
];
const items = [{ json: {}, binary: { data: inMemoryFile(SECRET_CONTENT, 'application/pdf') } }];
const respondWith = (
	status: number,
	body: string,
	headers: Record<string, string> = {},
): FaultPlan => [{ on: 'any', fault: { status, body, headers } }];

test.each([
	['{"message":"m"}', 'm'],
	['{"error":"e"}', 'e'],
	['{"errors":["a",{"message":"b"}]}', 'a; b'],
	[
		'{"message":"Invalid","errors":{"document":["is required","is no PDF"],"total":"no number"}}',
		'Invalid; document: is required; document: is no PDF; total: no number',
	],
	['{"detail":[{"message":"d"}]}', 'd'],
	['plain words', 'plain words'],
])('the message in the error body %s is quoted', async (body, words) => {
	suite.sandbox.setFaults(respondWith(400, body));
	const { error } = await suite.engine.run(steps, { items });
	expect(error?.description).toContain(`Dibby says: "${words}"`);
});

test('an input name that differs in case from the one that Dibby mentions is pointed out', async () => {
	suite.sandbox.setFaults(respondWith(422, '{"message":"Missing input: Document"}'));
	const { error } = await suite.engine.run(steps, { items });
	expect(error?.description).toContain(
		"exactly. Dibby mentions 'Document', but the input is named 'document'. Sent: ",
	);
});

test.each([
	['{"error":', '}'],
	['{"errors":{"a":', '}}'],
	['[', ']'],
])('an error body of many %s is handled', async (open, close) => {
	const body = `{"message":"deep","error":${open.repeat(20_000)}1${close.repeat(20_000)}}`;
	suite.sandbox.setFaults(respondWith(400, body));
	const { error } = await suite.engine.run(steps, { items });
	expect(error?.description).toContain('Dibby says: "deep"');
});

test("a proxy's page isn't quoted", async () => {
	suite.sandbox.setFaults(respondWith(404, '<html><body>nginx</body></html>'));
	const { error } = await suite.engine.run(steps, { items });
	expect(error?.description).not.toContain('nginx');
});

test('a page with a 403 may come from a firewall', async () => {
	suite.sandbox.setFaults(respondWith(403, '<!DOCTYPE html><title>Just a moment...</title>'));
	const { error } = await suite.engine.run(steps, { items });
	expect(error?.description).toMatch(
		/^No run was started\. The response is a web page, so a firewall or proxy/,
	);
});

test("the error and n8n's stored data contain neither the token nor content, even if the server repeats them", async () => {
	const base64 = Buffer.from(SECRET_CONTENT).toString('base64');
	suite.sandbox.setFaults(
		respondWith(
			400,
			JSON.stringify({ message: `Bad token ${TOKEN}, bad data:application/pdf;base64,${base64}` }),
		),
	);
	const { error, stored } = await suite.engine.run(steps, { items });
	expect(error?.description).toContain('Bad token [token], bad data:application/pdf;base64,[…]');
	expect(stored).not.toContain(TOKEN);
	const withoutInput = stored.replaceAll(JSON.stringify(items[0]?.binary.data), '');
	expect(withoutInput).not.toContain(base64.slice(0, 40));
});

test.each([
	['not JSON', 'hello', "Dibby's response isn't JSON"],
	['no run', '{"hello":1}', "Dibby's response isn't a run"],
	['a list', '[1]', "Dibby's response isn't a run"],
	['nothing', '', "Dibby's response isn't JSON"],
	['a run without an ID', '{"id":"","status":"PENDING"}', "Dibby's response isn't a run"],
])(
	'%s as the response to a start is an error that says a run may have been started',
	async (_what, body, message) => {
		suite.sandbox.setFaults(respondWith(200, body));
		const { error } = await suite.engine.run(steps, { items });
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(/A run may have been started/);
		expect(suite.sandbox.requests).toHaveLength(1);
	},
);

test.each([
	'{"message":"Run started","data":{"id":"run_77"}}',
	'[{"id":"run_77","message":"started"}]',
	'{"id":77,"message":"run_77"}',
])("the error quotes the run's ID in %s, which isn't a run", async (body) => {
	suite.sandbox.setFaults(respondWith(200, body));
	const { error } = await suite.engine.run(steps, { items });
	expect(error?.description).toContain(`Dibby says: "${body}"`);
});

test('the node switches to the other spelling of the key when the server asks for it', async () => {
	const { items: got, error } = await suite.engine.run(
		triggerRun(WORKFLOWS.otherSpelling.id, { specifyInputs: 'item', waitForCompletion: true }),
		{ items: [{ json: {} }, { json: {} }] },
	);
	expect(error).toBeUndefined();
	expect(got.map(({ json }) => json.status)).toEqual(['FINISHED', 'FINISHED']);
	expect(suite.sandbox.runs.size).toBe(2);
});

test('no connection', async () => {
	const { url } = suite.sandbox;
	await suite.sandbox.pause();
	const { error } = await suite.engine.run(steps, { items });
	expect(url).toContain('127.0.0.1');
	expect(error?.message).toBe("Can't connect to Dibby");
	expect(error?.description).toMatch(/Base URL/);
	expect(error?.outcomeUnknown).toBe(false);
});

test('a connection that is refused at first is retried', async () => {
	await suite.sandbox.pause();
	const { sleep } = clock;
	let isBack = false;
	clock.sleep = async (milliseconds, stop) => {
		if (milliseconds > 1 && milliseconds < 60_000 && !isBack) {
			isBack = true;
			await suite.sandbox.resume();
		}
		await sleep(milliseconds, stop);
	};
	const { error } = await suite.engine.run(echo());
	expect(error).toBeUndefined();
	expect(suite.sandbox.requests).toHaveLength(1);
	expect(suite.sandbox.runs.size).toBe(1);
});

test.each([
	[
		'not a url',
		"The 'Base URL' of the Dibby API credential isn't a valid URL. It's usually https://dibby.ai/api",
	],
	['http://dibby.ai/api', "The 'Base URL' of the Dibby API credential must begin with https://"],
	['ftp://127.0.0.1/api', "The 'Base URL' of the Dibby API credential must begin with https://"],
	[
		'https://user:pw@dibby.ai/api',
		"The 'Base URL' of the Dibby API credential can't contain a username or password",
	],
	[
		'https://169.254.169.254/api',
		"The 'Base URL' of the Dibby API credential can't be a link-local address, such as 169.254.169.254",
	],
	[
		'https://[fe80::1]/api',
		"The 'Base URL' of the Dibby API credential can't be a link-local address, such as 169.254.169.254",
	],
	[
		'https://dibby.ai/api?x=1',
		`The 'Base URL' of the Dibby API credential can't contain "?" or "#"`,
	],
])('the Base URL %s is rejected', async (baseUrl, message) => {
	const engine = await startEngine({ token: TOKEN, baseUrl });
	for (const step of [steps[0], getRun('run_1')]) {
		const { error } = await engine.run(step as never, { items });
		expect(error?.message).toBe(message);
	}
});

test('a Base URL with a trailing slash and white space around it works', async () => {
	const engine = await startEngine({ token: ` ${TOKEN} `, baseUrl: ` ${suite.sandbox.url}/ ` });
	const { error } = await engine.run(echo());
	expect(error).toBeUndefined();
});
