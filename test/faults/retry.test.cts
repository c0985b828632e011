import type { IDataObject, INode } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { agentNodeTypes } from '../support/agent.cts';
import { startEngine } from '../support/engine.cts';
import type { Running } from '../support/engine.cts';
import { document, echo, fields, numbers, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import { storage, storeFile } from '../support/n8n.cts';
import { until } from '../support/patience.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// n8n's Retry On Fail executes the whole node again, with all its items; Retry of an execution does so later.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const CONTINUE = { onError: 'continueRegularOutput' as const };
const WAIT = { waitForCompletion: true };
const LOST = 'The connection to Dibby was lost, but a run may have been started';
const CUT_OFF = "Dibby's response was cut off, but a run may have been started";
const ONE_BY_ONE = { options: { requestsAtOnce: 1 } };
const SECOND_FAILS = `={{ $itemIndex === 0 ? "${WORKFLOWS.echo.id}" : "${WORKFLOWS.failing.id}" }}`;
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;

/** Starts a run for each of these items, and tries again. */
const start = async (parameters: IDataObject = {}, node: object = {}, count = 1) =>
	await suite.engine.run(echo(parameters, { ...RETRY, ...node }), { items: numbers(count) });

describe('what the first try started is not started again', () => {
	const at = { name: 'at', type: 'string', value: '={{ $now }} {{ Math.random() }}' } as const;

	test.each([
		['', {}],
		[', though the inputs change with every try, like the time', fields(at)],
	])('a second try finds the run and waits for it%s', async (_but, parameters) => {
		suite.sandbox.failOn('GET', { status: 401 }, 1);
		const { items, error } = await start({ ...WAIT, ...parameters });
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ status: 'FINISHED' });
		expect(posts()).toBe(1);
	});

	test('with many items, only the missing runs are started', async () => {
		// The third start fails once, definitely without a run.
		suite.sandbox.failOn('POST', { status: 400 }, 3);
		const { items, error } = await start({ ...WAIT, output: 'output' }, {}, 6);
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.n)).toEqual([0, 1, 2, 3, 4, 5]);
		expect(suite.sandbox.runs.size).toBe(6);
		expect(posts()).toBe(7);
	});

	test('with On Error: Continue, which n8n retries too when the first item failed', async () => {
		suite.sandbox.failOn('POST', { status: 400 }, 1);
		const { items } = await start({ ...WAIT, output: 'output', ...ONE_BY_ONE }, CONTINUE, 3);
		expect(items.map(({ json }) => json)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
		expect(suite.sandbox.runs.size).toBe(3);
	});

	test("without waiting, a second try returns the first one's run", async () => {
		suite.sandbox.failOn('POST', { status: 400 }, 2);
		const { items } = await start(ONE_BY_ONE, {}, 2);
		expect(items.map(({ json }) => json.id)).toEqual(suite.sandbox.runIds);
		expect(items).toHaveLength(2);
	});

	test('a 404 for the run that the first try started can be replication lag', async () => {
		suite.sandbox.setFaults([
			{ on: 'GET', nth: 1, fault: { status: 401 } },
			{ on: 'GET', nth: [2, 4], fault: { status: 404 } },
		]);
		expect((await start(WAIT)).error).toBeUndefined();
		expect(posts()).toBe(1);
	});

	test("n8n's Retry of an execution finds the run, and says so in its log and custom data", async () => {
		suite.sandbox.failOn('GET', { status: 401 }, 1);
		const first = await suite.engine.run(echo(WAIT), { executionId: '1' });
		const [runId] = suite.sandbox.runIds;
		const log = watchLog();
		const contextData = first.run.data.executionData?.contextData;
		const second = await suite.engine.run(echo(WAIT), { executionId: '2', contextData });
		log.restore();
		expect(first.error).toBeDefined();
		expect(second.items[0]?.json).toMatchObject({ status: 'FINISHED' });
		expect(posts()).toBe(1);
		expect(second.run.data.resultData.metadata).toEqual({ dibbyRunId: runId });
		expect(log.lines('info').join()).toContain(
			`Dibby run ${runId} was started earlier (execution 2, node \\"Dibby\\", item 0)`,
		);
	});

	test.each([
		['that continues sends nothing', '1', 1],
		['that the user retries starts a run', '2', 2],
	])('an execution killed during a start, and %s', async (_what, executionId, expected) => {
		suite.clock.restore();
		suite.sandbox.failOn('POST', { kind: 'hang' }, 1);
		let killed: Running | undefined;
		const job = { executionId: '1', onStart: (running: Running) => (killed = running) };
		const first = suite.engine.run(echo(), job);
		await until(() => posts() === 1);
		const contextData = killed?.contextData();
		killed?.cancel();
		await first;
		const { error } = await suite.engine.run(echo(), { executionId, contextData });
		expect(posts()).toBe(expected);
		expect(error?.message).toBe(expected === 1 ? LOST : undefined);
	});

	test('other inputs start another run', async () => {
		const n = (value: unknown) => echo(fields({ name: 'n', type: 'number', value }));
		const first = await suite.engine.run(n(1));
		const contextData = first.run.data.executionData?.contextData;
		const again = await suite.engine.run(n(99), { contextData });
		expect(again.items[0]?.json.id).not.toBe(first.items[0]?.json.id);
	});
});

test.each<[string, Fault]>([
	['Dibby is receiving too many requests', { status: 429 }],
	["Dibby couldn't process the request (HTTP 500)", { status: 500 }],
	["Dibby isn't available at the moment", { status: 503 }],
	["Dibby didn't respond in time", { kind: 'hang' }],
	['The connection to Dibby was lost', { kind: 'resetBeforeRead' }],
	["Dibby's response was cut off", { kind: 'truncated' }],
])('if a second try can not get the run, the advice is to get it: %s', async (message, fault) => {
	suite.sandbox.setFaults([
		{ on: 'GET', nth: 1, fault: { status: 401 } },
		{ on: 'GET', fault },
	]);
	const given = { ...WAIT, timeLimit: 0.1, requestOptions: { timeout: 200 } };
	const { error } = await start(given, { maxTries: 2 });
	expect(error?.message).toBe(message);
	expect(error?.description).toContain("Get the run later with 'Get Run'.");
	expect(error?.description).not.toMatch(/try again|run it again/i);
	expect(suite.sandbox.runs.size).toBe(1);
});

describe('after a start with an unknown outcome, later tries send nothing', () => {
	test.each([300, 301, 302, 303, 304, 408, 409, 499, 500, 502, 503, 504, 520, 529])(
		'HTTP %d',
		async (status) => {
			suite.sandbox.failOn('POST', { status, taken: true, body: '<html>' });
			const { error } = await start();
			expect(error?.outcomeUnknown).toBe(true);
			expect(error?.description).toMatch(/A run may have been started/);
			expect(posts()).toBe(1);
			expect(suite.sandbox.runs.size).toBe(1);
		},
	);

	const LOOK_FIRST =
		'A run may have been started. Before you try again, look in Dibby for a run of this workflow at this time, because you pay for every run.';
	const body = '{"message":"OCR engine license expired"}';
	const words = `Dibby says: "OCR engine license expired". ${LOOK_FIRST}`;
	const http = (status: number) => `Dibby couldn't process the request (HTTP ${status})`;
	const quotesNoRun = `Dibby says: "[{}]". ${LOOK_FIRST}`;
	const quotesRun = expect.stringMatching(/^Dibby says: "{"id":"run_.*"\. A run may/) as string;

	describe.each<[message: string, Fault, description: string]>([
		[http(500), { status: 500, body }, words],
		[http(502), { status: 502, body, taken: true }, words],
		[http(504), { status: 504, body: '' }, LOOK_FIRST],
		[LOST, { kind: 'resetAfterTaken' }, LOOK_FIRST],
		[CUT_OFF, { kind: 'truncated' }, quotesRun],
		["Dibby's response isn't a run", { status: 201, body: '[{}]', taken: true }, quotesNoRun],
	])('%s', (message, fault, description) => {
		test('the last try reports the first error', async () => {
			suite.sandbox.failOn('POST', fault);
			const { error } = await start();
			expect(posts()).toBe(1);
			expect(error).toMatchObject({ message, description, outcomeUnknown: true });
			const [status] = /(?<=HTTP )\d+/.exec(message) ?? [];
			if (status !== undefined) expect(error?.httpCode).toBe(status);
		});

		test('in continue mode, the item carries the first error', async () => {
			suite.sandbox.failOn('POST', fault);
			const { items, error } = await start({}, CONTINUE);
			expect(error).toBeUndefined();
			expect(posts()).toBe(1);
			expect(items).toHaveLength(1);
			const expected = { message, description, runMayHaveStarted: true };
			expect(items[0]?.json).toMatchObject({ message, error: expected });
		});
	});

	test('of two items, each keeps its own first error', async () => {
		suite.sandbox.setFaults([
			{ on: 'POST', nth: 1, fault: { status: 500, body: '{"message":"one"}' } },
			{ on: 'POST', nth: 2, fault: { status: 502, body: '{"message":"two"}' } },
		]);
		const { items } = await start(ONE_BY_ONE, CONTINUE, 2);
		expect(posts()).toBe(2);
		expect(items.map(({ json }) => json.error)).toMatchObject([
			{ description: `Dibby says: "one". ${LOOK_FIRST}` },
			{ description: `Dibby says: "two". ${LOOK_FIRST}` },
		]);
	});
});

describe('a failed run', () => {
	const failed = { status: 'FAILED', steps: 5, stepsCompleted: 2, output: null, error: 'No OCR' };
	beforeEach(() => suite.sandbox.failOn('GET', { kind: 'runWith', fields: failed }));

	test('is started again', async () => {
		const { error } = await start(WAIT);
		expect(error?.message).toBe('The Dibby run failed after 2 of 5 steps');
		expect(posts()).toBe(3);
	});

	test.each([{}, CONTINUE])('is started again by Retry of an execution, with %j', async (node) => {
		suite.sandbox.setFaults([]);
		const step = triggerRun(SECOND_FAILS, WAIT, node);
		const first = await suite.engine.run(step, { items: numbers(2), executionId: '1' });
		const contextData = first.run.data.executionData?.contextData;
		expect(posts()).toBe(2);
		await suite.engine.run(step, { items: numbers(2), executionId: '2', contextData });
		expect(posts()).toBe(3);
	});

	const RETURN = { options: { whenRunFails: 'return' } };
	test.each([{}, CONTINUE])('is not when it is returned, with %j', async (node) => {
		const { items } = await start({ ...WAIT, output: 'output', ...RETURN }, node);
		expect(items[0]?.json).toMatchObject({ status: 'FAILED', error: failed.error });
		expect(posts()).toBe(1);
	});
});

describe("a later try's error still tells what earlier tries started", () => {
	const failing = triggerRun(WORKFLOWS.failing.id, WAIT, RETRY);

	test('all runs that failed', async () => {
		const { error } = await suite.engine.run(failing);
		expect(posts()).toBe(3);
		for (const id of suite.sandbox.runIds) expect(error?.description).toContain(id);
	});

	test.each([{}, CONTINUE])('a failed run that could not be replaced, with %j', async (node) => {
		suite.sandbox.setFaults([{ on: 'POST', nth: [2, 99], fault: { status: 402 } }]);
		const { error, items } = await suite.engine.run({ ...failing, ...node });
		expect(JSON.stringify([error?.description, items])).toContain(suite.sandbox.runIds[0]);
	});

	test("an unknown start doesn't get the ID of the failed run that it was to replace", async () => {
		suite.sandbox.failOn('POST', { kind: 'resetAfterTaken' }, 2);
		const { items } = await suite.engine.run({ ...failing, ...CONTINUE, maxTries: 2 });
		const error = items[0]?.json.error as IDataObject;
		expect(error).toMatchObject({ dibbyRunId: null, runMayHaveStarted: true });
		expect(error.description).toContain(suite.sandbox.runIds[0]);
	});

	test('every start with an unknown outcome', async () => {
		suite.sandbox.failOn('POST', { kind: 'resetAfterTaken' });
		const { error } = await start({}, {}, 2);
		expect(error?.message).toContain('[item 0]');
		expect(error?.description).toContain('A run may also have been started for item 1.');
	});

	test('the runs of items whose turn did not come again', async () => {
		suite.sandbox.failOn('GET', { status: 401 });
		const batching = { batch: { batchSize: 1, batchInterval: 1 } };
		const { error } = await start({ ...WAIT, requestOptions: { batching } }, {}, 2);
		expect(suite.sandbox.runIds).toHaveLength(2);
		for (const id of suite.sandbox.runIds) expect(error?.description).toContain(id);
	});

	test.each([{}, CONTINUE])('a run whose file is gone by then, with %j', async (node) => {
		suite.sandbox.failOn('GET', { status: 401 });
		const items = [{ json: {}, binary: { data: await storeFile('%PDF') } }];
		const getMetadata = storage.getMetadata.bind(storage);
		let asked = 0;
		storage.getMetadata = async (id) => {
			if (asked++ > 0) throw new Error('S3 is out of reach');
			return await getMetadata(id);
		};
		const step = echo({ ...WAIT, ...document('document') }, { ...RETRY, ...node });
		const result = await suite.engine.run(step, { items });
		Reflect.deleteProperty(storage, 'getMetadata');
		const text = JSON.stringify([result.error?.description, result.items]);
		expect(text).toContain(suite.sandbox.runIds[0]);
		expect(text).not.toContain('Nothing was sent');
	});

	test('the run of an execution that was canceled, which n8n tries again, too', async () => {
		suite.clock.restore();
		suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
		let running: Running | undefined;
		const job = { onStart: (execution: Running) => (running = execution) };
		const ended = suite.engine.run(echo(WAIT, RETRY), job);
		await until(() => suite.sandbox.requests.length > 1);
		running?.cancel();
		const { error, run } = await ended;
		expect(run.status).toBe('canceled');
		expect(error?.description).toContain(suite.sandbox.runIds[0]);
	});
});

// n8n also retries a node whose first output item has a field `error`, whatever its value.
describe.each(['', 0, 'no date', true, []])('a good result with the field error: %j', (error) => {
	const jsonInputs = `={{ (${JSON.stringify({ error })}).toJsonString() }}`;
	const given = { ...WAIT, output: 'output', specifyInputs: 'json', jsonInputs };

	test.each([{}, CONTINUE])('starts one run, with %j', async (node) => {
		const { items } = await start(given, node);
		expect(items[0]?.json).toEqual({ error });
		expect(posts()).toBe(1);
	});

	test("starts one run in a tool that n8n's engine executes as a node", async () => {
		const more = await agentNodeTypes();
		suite.engine = await startEngine({ token: TOKEN, baseUrl: suite.sandbox.url, more });
		await start(given, { type: 'dibbyTool' });
		expect(posts()).toBe(1);
	});
});

test("item 0's field `error` doesn't start the failed run of item 1 again", async () => {
	const jsonInputs = '={{ $itemIndex === 0 ? \'{"error": "x"}\' : "{}" }}';
	const given = { ...WAIT, output: 'output', specifyInputs: 'json', jsonInputs };
	const step = triggerRun(SECOND_FAILS, given, { ...RETRY, ...CONTINUE });
	const { items } = await suite.engine.run(step, { items: numbers(2) });
	expect(items).toHaveLength(2);
	expect(posts()).toBe(2);
});
