import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, getRun, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();

const FIVE_SECONDS = 5 / 60;
const gets = () => suite.sandbox.requests.filter(({ method }) => method === 'GET');

describe('Trigger Run', () => {
	test('without waiting gives the run as it was started, and asks no more', async () => {
		const { items } = await suite.engine.run(echo(fields({ name: 'a', type: 'number', value: 1 })));
		expect(items).toHaveLength(1);
		expect(items[0]?.json).toMatchObject({
			id: expect.any(String) as string,
			status: 'PENDING',
			output: null,
		});
		expect(gets()).toHaveLength(0);
	});

	test('waits until the run is finished', async () => {
		const { items } = await suite.engine.run(
			echo({ ...fields({ name: 'a', type: 'number', value: 1 }), waitForCompletion: true }),
		);
		expect(items[0]?.json).toMatchObject({ status: 'FINISHED', output: { a: 1 } });
	});

	test('whoever runs the workflow in the editor is told how far the run is', async () => {
		const messages: unknown[] = [];
		await suite.engine.run(echo({ waitForCompletion: true }), {
			onMessage: (message) => messages.push(message),
		});
		const [id] = suite.sandbox.runIds;
		expect(JSON.stringify(messages)).toContain(`Dibby run ${id}: RUNNING, 1 of 2 steps`);
		expect(JSON.stringify(messages)).toContain(`Dibby run ${id}: FINISHED, 2 of 2 steps`);
	});

	test.each([408, 425, 499])('an HTTP %d of a gateway does not end the waiting', async (status) => {
		suite.sandbox.failOn('GET', { status }, [1, 2]);
		const { items, error } = await suite.engine.run(echo({ waitForCompletion: true }));
		expect(error).toBeUndefined();
		expect(items[0]?.json.status).toBe('FINISHED');
	});

	test('a run that fails is an error that says after how many steps, with its ID', async () => {
		const { error, items } = await suite.engine.run(
			triggerRun(WORKFLOWS.failing.id, { waitForCompletion: true, specifyInputs: 'item' }),
		);
		const [id] = suite.sandbox.runIds;
		expect(items).toEqual([]);
		expect(error?.message).toBe('The Dibby run failed after 2 of 5 steps');
		expect(error?.description).toContain(`Open the run ${id} in Dibby`);
		expect(error?.runId).toBe(id);
	});

	test('a run that fails is returned when the user wants that', async () => {
		const { items } = await suite.engine.run(
			triggerRun(WORKFLOWS.failing.id, {
				waitForCompletion: true,
				specifyInputs: 'item',
				output: 'output',
				options: { whenRunFails: 'return' },
			}),
		);
		expect(items[0]?.json).toMatchObject({
			status: 'FAILED',
			stepsCompleted: 2,
			id: expect.any(String) as string,
		});
	});

	const approval = (parameters: object) =>
		triggerRun(WORKFLOWS.approval.id, {
			waitForCompletion: true,
			timeLimit: FIVE_SECONDS,
			documents: { rows: [{ inputName: 'document', binaryField: 'data', sendAs: 'single' }] },
			...parameters,
		});
	const items = [{ json: {}, binary: { data: { data: 'aGVsbG8=', mimeType: 'text/plain' } } }];

	test('at the time limit the error carries the run ID and the last status', async () => {
		const { error } = await suite.engine.run(approval({}), { items });
		const [id] = suite.sandbox.runIds;
		expect(error?.message).toBe('The Dibby run is still in progress after 0.08 minutes');
		expect(error?.description).toContain(
			`To wait longer, select 'Retry' in the list of executions: n8n then waits for the same run and starts nothing. Or use 'Get Run' with the ID ${id}. Don't execute the node again, because that starts a second run.`,
		);
		expect(error?.description).toContain('last known status is RUNNING');
		expect(error?.runId).toBe(id);
	});

	test('at the time limit the run is returned when the user wants that', async () => {
		const options = { whenTimeRunsOut: 'return' };
		const result = await suite.engine.run(approval({ options, output: 'output' }), { items });
		expect(result.items[0]?.json).toMatchObject({
			status: 'RUNNING',
			id: expect.any(String) as string,
		});
	});

	test('the pauses never go past the limit, and the last poll is made at it', async () => {
		await suite.engine.run(approval({}), { items });
		const waited = suite.clock.pauses.reduce((sum, pause) => sum + pause, 0);
		// The rest is what the requests take, on a busy machine too.
		expect(waited).toBeGreaterThan(3_000);
		expect(waited).toBeLessThanOrEqual(5000);
		expect(gets().length).toBe(suite.clock.pauses.length);
	});

	test('a fixed Poll Interval is kept', async () => {
		await suite.engine.run(approval({ options: { pollInterval: 2 } }), { items });
		expect(suite.clock.pauses.slice(0, 2)).toEqual([2000, 2000]);
	});
});

describe('Get Run', () => {
	async function start(workflowId: string): Promise<string> {
		const { items } = await suite.engine.run(triggerRun(workflowId, { specifyInputs: 'item' }));
		return items[0]?.json.id as string;
	}

	test('gives the run as it is', async () => {
		const id = await start(WORKFLOWS.echo.id);
		const { items } = await suite.engine.run(getRun(id));
		expect(items[0]?.json).toMatchObject({ id, status: 'RUNNING', output: null });
		expect(items[0]?.pairedItem).toEqual({ item: 0 });
	});

	test('waits until it is finished', async () => {
		const id = await start(WORKFLOWS.echo.id);
		const { items } = await suite.engine.run(
			getRun(id, { waitForCompletion: true, output: 'output' }),
		);
		expect(items[0]?.json).toEqual({});
	});

	test('a failed run is data without waiting, and an error with it', async () => {
		const id = await start(WORKFLOWS.failing.id);
		const waited = await suite.engine.run(getRun(id, { waitForCompletion: true }));
		expect(waited.error?.message).toBe('The Dibby run failed after 2 of 5 steps');
		const { items } = await suite.engine.run(getRun(id));
		expect(items[0]?.json).toMatchObject({ id, status: 'FAILED' });
	});

	test('a run that Dibby does not know is an error', async () => {
		const { error } = await suite.engine.run(getRun('run_nowhere'));
		expect(error?.message).toBe("Dibby can't find this run");
		expect(error?.httpCode).toBe('404');
	});

	test.each([' ', '.', '..', '...'])(
		'the ID %j is an error before anything is sent',
		async (runId) => {
			const { error } = await suite.engine.run(getRun(runId));
			expect(error).toBeDefined();
			expect(suite.sandbox.requests).toHaveLength(0);
		},
	);

	test.each(['../../x', 'a/b', 'a?b=c', 'a#b', '%2e%2e', 'ü', 'a b'])(
		'the ID %j stays one segment of the path',
		async (runId) => {
			await suite.engine.run(getRun(runId));
			expect(suite.sandbox.requests.map(({ path }) => path)).toEqual([
				`/api/runs/${encodeURIComponent(runId)}`,
			]);
		},
	);

	test('without waiting, Dibby is asked five times at most', async () => {
		suite.sandbox.failOn('GET', { status: 500, body: '' });
		const { error } = await suite.engine.run(getRun('run_1'));
		expect(error?.message).toBe("Dibby couldn't process the request (HTTP 500)");
		expect(gets()).toHaveLength(5);
	});

	test.each([429, 503])('an HTTP %d makes all items pause', async (status) => {
		const id = await start(WORKFLOWS.echo.id);
		suite.sandbox.failOn('GET', { status, headers: { 'Retry-After': '0.3' } }, 1);
		suite.clock.restore();
		const items = [{ json: {} }, { json: {} }];
		await suite.engine.run(getRun(id, { options: { requestsAtOnce: 1 } }), { items });
		const [first = 0, second = 0] = gets().map(({ startedAt }) => startedAt);
		expect(second - first).toBeGreaterThanOrEqual(300);
	});

	test('another failure makes only its own item pause', async () => {
		const id = await start(WORKFLOWS.echo.id);
		suite.sandbox.failOn('GET', { status: 500 }, 1);
		const items = [{ json: {} }, { json: {} }];
		await suite.engine.run(getRun(id, { options: { requestsAtOnce: 1 } }), { items });
		expect(suite.clock.pauses).toEqual([500]);
		expect(gets()).toHaveLength(3);
	});
});
