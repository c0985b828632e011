import { clock } from '../../dist/nodes/Dibby/clock.js';
import type { FaultPlan } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startEngine } from '../support/engine.cts';
import { document, fields, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
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
const answerWith = (
	status: number,
	body: string,
	headers: Record<string, string> = {},
): FaultPlan => [{ name: String(status), on: 'any', fault: { status, body, headers } }];

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
])('the words of the error body %s are quoted', async (body, words) => {
	suite.sandbox.setFaults(answerWith(400, body));
	const { error } = await suite.engine.run({ steps, items });
	expect(error?.description).toContain(`Dibby says: "${words}"`);
});

test.each([
	['{"error":', '}'],
	['{"errors":{"a":', '}}'],
	['[', ']'],
])('an error body of many %s is no trouble', async (open, close) => {
	const body = `{"message":"deep","error":${open.repeat(20_000)}1${close.repeat(20_000)}}`;
	suite.sandbox.setFaults(answerWith(400, body));
	const { error } = await suite.engine.run({ steps, items });
	expect(error?.description).toContain('Dibby says: "deep"');
});

test('a page of a proxy is not quoted', async () => {
	suite.sandbox.setFaults(answerWith(404, '<html><body>nginx</body></html>'));
	const { error } = await suite.engine.run({ steps, items });
	expect(error?.description).not.toContain('nginx');
});

test('a page with a 403 may be that of a firewall', async () => {
	suite.sandbox.setFaults(answerWith(403, '<!DOCTYPE html><title>Just a moment...</title>'));
	const { error } = await suite.engine.run({ steps, items });
	expect(error?.description).toMatch(/^The answer is a web page, so that a firewall or a proxy/);
});

test('neither the token nor content is in the error, the log or what n8n stores, even when the server repeats them', async () => {
	const base64 = Buffer.from(SECRET_CONTENT).toString('base64');
	suite.sandbox.setFaults(
		answerWith(
			400,
			JSON.stringify({ message: `Bad token ${TOKEN}, bad data:application/pdf;base64,${base64}` }),
		),
	);
	const { error, stored } = await suite.engine.run({ steps, items });
	expect(error?.description).toContain('Bad token [token], bad [content]');
	expect(stored).not.toContain(TOKEN);
	const withoutInput = stored.replaceAll(JSON.stringify(items[0]?.binary.data), '');
	expect(withoutInput).not.toContain(base64.slice(0, 40));
});

test.each([
	['not JSON', 'hello', 'Dibby answered with something that is not JSON'],
	['no run', '{"hello":1}', 'Dibby answered with something that is not a run'],
	['a list', '[1]', 'Dibby answered with something that is not a run'],
	['nothing', '', 'Dibby answered with something that is not JSON'],
	[
		'a run without an ID',
		'{"id":"","status":"PENDING"}',
		'Dibby answered with something that is not a run',
	],
])(
	'%s as the answer to a start is an error that says a run may have been started',
	async (_what, body, message) => {
		suite.sandbox.setFaults(answerWith(200, body));
		const { error } = await suite.engine.run({ steps, items });
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(/A run may have been started/);
		expect(suite.sandbox.requests).toHaveLength(1);
	},
);

test.each([
	'{"message":"Run started","data":{"id":"run_77"}}',
	'[{"id":"run_77","message":"started"}]',
	'{"id":77,"message":"run_77"}',
])("the run's ID in %s, which is no run, is in the error", async (body) => {
	suite.sandbox.setFaults(answerWith(200, body));
	const { error } = await suite.engine.run({ steps, items });
	expect(error?.description).toContain(`Dibby says: "${body}"`);
});

test('the other spelling of the key is used when the server asks for it, by itself, once', async () => {
	const { items: got, error } = await suite.engine.run({
		steps: [
			triggerRun(WORKFLOWS.otherSpelling.id, { specifyInputs: 'item', waitForCompletion: true }),
		],
		items: [{ json: {} }, { json: {} }],
	});
	expect(error).toBeUndefined();
	expect(got.map(({ json }) => json.status)).toEqual(['FINISHED', 'FINISHED']);
	expect(suite.sandbox.runs.size).toBe(2);
});

test('no connection', async () => {
	const { url } = suite.sandbox;
	await suite.sandbox.pause();
	const { error } = await suite.engine.run({ steps, items });
	expect(url).toContain('127.0.0.1');
	expect(error?.message).toBe('Dibby can not be reached');
	expect(error?.description).toMatch(/Base URL/);
	expect(error?.outcomeUnknown).toBe(false);
});

test('a connection that is refused at first is made again', async () => {
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
	const { error } = await suite.engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' })],
	});
	expect(error).toBeUndefined();
	expect(suite.sandbox.requests).toHaveLength(1);
	expect(suite.sandbox.runs.size).toBe(1);
});

test.each([
	[
		'not a url',
		'The Base URL of the Dibby API credential is not a web address. It normally is https://dibby.ai/api',
	],
	['http://dibby.ai/api', 'The Base URL of the Dibby API credential must begin with https://'],
	['ftp://127.0.0.1/api', 'The Base URL of the Dibby API credential must begin with https://'],
	[
		'https://user:pw@dibby.ai/api',
		'The Base URL of the Dibby API credential must not contain a user name or a password',
	],
	[
		'https://169.254.169.254/api',
		'The Base URL of the Dibby API credential points to a link-local address, where no Dibby can be',
	],
	[
		'https://[fe80::1]/api',
		'The Base URL of the Dibby API credential points to a link-local address, where no Dibby can be',
	],
	[
		'https://dibby.ai/api?x=1',
		'The Base URL of the Dibby API credential must end before any "?" or "#"',
	],
])('the Base URL %s is refused', async (baseUrl, message) => {
	const engine = await startEngine({ token: TOKEN, baseUrl });
	for (const step of [steps[0], getRun('run_1')]) {
		const { error } = await engine.run({ steps: [step as never], items });
		expect(error?.message).toBe(message);
	}
});

test('a Base URL with a slash at its end, and with white space around it, works', async () => {
	const engine = await startEngine({ token: ` ${TOKEN} `, baseUrl: ` ${suite.sandbox.url}/ ` });
	const { error } = await engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' })],
	});
	expect(error).toBeUndefined();
});
