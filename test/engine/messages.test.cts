import { Socket } from 'node:net';
import { Readable } from 'node:stream';

import { clock } from '../../dist/nodes/Dibby/clock.js';
import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Job, Step } from '../support/engine.cts';
import { startEngine } from '../support/engine.cts';
import { document, echo, fields, getRun, inMemoryFile, numbers } from '../support/jobs.cts';
import { storage, storeFile } from '../support/n8n.cts';
import { textOf } from '../support/messages.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// Every error of the node, provoked in n8n's engine. Read the texts in __snapshots__/messages.test.cts.snap.

const suite = useSuite();
const PDF = inMemoryFile('a scan', 'application/pdf');
const RUN = { id: 'run_1', status: 'RUNNING', steps: 5, stepsCompleted: 2 };
const QUICK = { requestOptions: { timeout: 200 } };

const start = (parameters: object = {}) => echo({ documents: {}, ...parameters });
const BASE_URLS = {
	'that is no URL': 'dibby',
	'without https': 'http://dibby.ai/api',
	'with a password': 'https://user:pw@dibby.ai/api',
	'with a query': 'https://dibby.ai/api?x=1',
	'that is link-local': 'https://169.254.169.254/api',
	'that is link-local, in IPv6': 'https://[fe80::1]/api',
	'with another protocol': 'ftp://127.0.0.1/api',
};
const waits = (parameters: object = {}) => start({ waitForCompletion: true, ...parameters });
const get = (parameters: object = {}) => getRun('run_1', parameters as never);
const file = (binaryField: unknown = 'data', sendAs = 'single') =>
	start(document('x', binaryField, sendAs));

async function show(
	step: Step,
	fault?: Fault,
	on: 'any' | 'GET' = 'any',
	job: Job = {},
): Promise<void> {
	if (fault !== undefined) suite.sandbox.failOn(on, fault);
	const result = await suite.engine.run(step, job);
	expect(textOf(result, suite.sandbox.runIds)).toMatchSnapshot();
}

const body = '{"error":{"message":"server words"}}';

describe('a response', () => {
	const inputs = { ...fields({ name: 'n', type: 'number', value: 1 }), ...document('document') };
	const items = [{ json: {}, binary: { data: PDF } }];

	test.each([
		300, 303, 304, 307, 400, 401, 402, 403, 404, 407, 408, 409, 413, 418, 422, 429, 500, 502, 503,
	])(
		'to a start: HTTP %d',
		async (status) => await show(start(inputs), { status, body }, 'any', { items }),
	);
	test.each([302, 401, 403, 404, 422, 429, 500, 503])('to Get Run: HTTP %d', async (status) => {
		await show(get(), { status, body });
	});
	test.each([401, 404, 500])('to a poll: HTTP %d', async (status) => {
		await show(waits({ timeLimit: 0.1 }), { status, body }, 'GET');
	});
	test.each<[string, Fault]>([
		...['/somewhere', 'https://elsewhere.example/api'].map((location): [string, Fault] => {
			return [`redirects to ${location}`, { status: 302, body: '', headers: { location } }];
		}),
		['is a web page with status 403', { status: 403, body: '<html>' }],
		['never ends', { kind: 'endlessBody' }],
	])('%s', async (_name, fault) => await show(start(), fault));
	test.each(['words', '{"total":1}'])('is no run: %s', async (text) => {
		await show(start(), { status: 200, body: text });
		await show(get(), { status: 200, body: text });
	});
	test("is another run's", async () => {
		await show(get(), { status: 200, body: '{"id":"run_2"}' });
	});
	test('to a start without the file that the item has: HTTP 422', async () => {
		const step = start(fields({ name: 'n', type: 'number', value: 1 }));
		await show(step, { status: 422, body }, 'any', { items });
	});
});

describe('the network', () => {
	const connect = Reflect.get(Socket.prototype, 'connect') as unknown;
	afterEach(() => void Reflect.set(Socket.prototype, 'connect', connect));

	test.each([
		['connect ECONNREFUSED 127.0.0.1:443', { code: 'ECONNREFUSED', syscall: 'connect' }],
		['getaddrinfo ENOTFOUND 127.0.0.1', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }],
		['getaddrinfo ENOTFOUND proxy.invalid', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }],
		['Proxy connection ended before receiving CONNECT response', { code: 'ECONNRESET' }],
		['self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
	])("can't connect: %s", async (message, details) => {
		Socket.prototype.connect = function (this: Socket): Socket {
			process.nextTick(() => this.destroy(Object.assign(new Error(message), details)));
			return this;
		};
		await show(start());
	});
	test.each<[string, Fault]>([
		['no response', { kind: 'hang' }],
		['a lost connection', { kind: 'resetAfterTaken' }],
	])('%s', async (_name, fault) => {
		await show(start(QUICK), fault);
		await show(get(QUICK), fault);
	});
	test('half a response', async () => await show(start(), { kind: 'truncated' }));
});

test.each(Object.entries(BASE_URLS))('a Base URL %s', async (_name, baseUrl) => {
	suite.engine = await startEngine({ token: TOKEN, baseUrl });
	await show(start());
});
test('a token with a character that HTTP does not allow', async () => {
	suite.engine = await startEngine({ token: 'tok\u2026', baseUrl: suite.sandbox.url });
	await show(start());
});

test('a credential that n8n no longer has', async () => {
	const credential = () => {
		throw new Error('Credential with ID "1" does not exist for type "dibbyApi".');
	};
	suite.engine = await startEngine({ token: '', baseUrl: suite.sandbox.url, credential });
	await show(start());
	await show(get());
});

test('a credential that n8n allows for another domain', async () => {
	const allowed = { allowedHttpRequestDomains: 'domains', allowedDomains: 'example.com' };
	const data = { token: TOKEN, baseUrl: suite.sandbox.url, ...allowed };
	suite.engine = await startEngine({ ...data, credential: () => data });
	await show(start());
});

describe('a run', () => {
	const answer = (run: object) => ({ status: 200, body: JSON.stringify({ ...RUN, ...run }) });
	const failed = answer({ status: 'FAILED', error: 'the scan is blank' });
	const late = answer({});

	const workflow = { __rl: true, mode: 'url', value: WORKFLOWS.echo.url };
	const waited = get({ waitForCompletion: true, timeLimit: 0.5 });

	test.each<[string, Step, Fault]>([
		['failed', waits(), failed],
		['failed, and its page is known', waits({ workflow }), failed],
		['is not finished in time', waits({ timeLimit: 1 }), late],
		['that Get Run waits for is not finished in time', waited, late],
		['is nested too deeply', waits(), { kind: 'deepJson', depth: 2_000 }],
	])('%s', async (_name, step, fault) => {
		await show(step, fault, 'kind' in fault ? 'GET' : 'any');
	});
});

describe('a file that n8n stores', () => {
	const stored = async () => ({
		items: [{ json: {}, binary: { data: await storeFile('a scan of an invoice') } }],
	});
	async function* half() {
		yield await Promise.resolve(Buffer.alloc(10));
		await new Promise(() => {});
	}

	test("can't be stored", async () => {
		storage.store = async () => await Promise.reject(new Error('no space left on device'));
		await show(waits(), { kind: 'output', output: 'data:a/b;base64,YQ==' }, 'GET');
	});
	test('is gone when it is sent', async () => {
		storage.getAsStream = async () => await Promise.reject(new Error('File not found'));
		await show(file(), undefined, 'any', await stored());
	});
	test('is not sent to its end', async () => {
		storage.getAsStream = async () => await Promise.resolve(Readable.from(half()));
		const step = start({ ...document('x'), ...QUICK });
		await show(step, { kind: 'stall' }, 'any', await stored());
	});
});

describe('several items', () => {
	const items = numbers(3);

	test('one of them has an error', async () => {
		const step = start({ specifyInputs: 'json', jsonInputs: '={{ $json.n === 1 ? 5 : {} }}' });
		await show(step, undefined, 'any', { items });
	});
	test('one of them was rejected, the others were started', async () => {
		suite.sandbox.setFaults([
			{ on: 'POST', nth: 2, fault: { status: 500 } },
			{ on: 'POST', nth: 3, fault: { status: 422 } },
		]);
		await show(start(), undefined, 'any', { items });
	});
	test('the execution is canceled', async () => {
		let cancel = () => {};
		const onStart = (execution: { cancel: () => void }) => (cancel = execution.cancel);
		suite.sandbox.failOn('GET', { status: 200, body: '{}' });
		clock.sleep = async () => await Promise.resolve(cancel());
		await show(waits(), undefined, 'any', { onStart });
	});
});
