import type { INode } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// n8n's own Retry On Fail runs the whole node again, with all its items.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;
const items = (count: number) => Array.from({ length: count }, (_value, n) => ({ json: { n } }));

test("a second try finds the first one's run and waits for it", async () => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const result = await suite.engine.run(echo({ waitForCompletion: true }, RETRY), {
		items: items(1),
	});
	expect(result.error).toBeUndefined();
	expect(result.items[0]?.json).toMatchObject({ status: 'FINISHED' });
	expect(posts()).toBe(1);
});

test('with many items, only the missing runs are started', async () => {
	// The third start fails once, definitely without a run.
	suite.sandbox.failOn('POST', { status: 400 }, 3);
	const result = await suite.engine.run(
		echo({ waitForCompletion: true, output: 'output' }, RETRY),
		{ items: items(6) },
	);
	expect(result.error).toBeUndefined();
	expect(result.items.map(({ json }) => json.n)).toEqual([0, 1, 2, 3, 4, 5]);
	expect(suite.sandbox.runs.size).toBe(6);
	expect(posts()).toBe(7);
});

test('with Continue On Fail, which n8n retries too when the first item failed', async () => {
	suite.sandbox.failOn('POST', { status: 400 }, 1);
	const result = await suite.engine.run(
		echo(
			{ waitForCompletion: true, output: 'output', options: { requestsAtOnce: 1 } },
			{ ...RETRY, onError: 'continueRegularOutput' },
		),
		{ items: items(3) },
	);
	expect(result.items.map(({ json }) => json)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
	expect(suite.sandbox.runs.size).toBe(3);
});

test("an unknown outcome stays an error and isn't sent again", async () => {
	suite.sandbox.failOn('POST', { kind: 'resetAfterTaken' });
	const { error } = await suite.engine.run(echo({}, RETRY), { items: items(1) });
	expect(error?.message).toMatch(/a run may have been started/);
	expect(posts()).toBe(1);
});

test.each([300, 301, 302, 303, 304, 408, 409, 499, 500, 502, 503, 504, 520, 529])(
	"an unknown outcome after HTTP %d isn't sent again",
	async (status) => {
		const fault = { status, taken: true, body: '<html>' };
		suite.sandbox.failOn('POST', fault);
		const { error } = await suite.engine.run(echo({}, RETRY), { items: items(1) });
		expect(error?.outcomeUnknown).toBe(true);
		expect(error?.description).toMatch(/A run may have been started/);
		expect(posts()).toBe(1);
		expect(suite.sandbox.runs.size).toBe(1);
	},
);

test('a failed run is started again', async () => {
	const { error } = await suite.engine.run(
		triggerRun(WORKFLOWS.failing.id, { specifyInputs: 'item', waitForCompletion: true }, RETRY),
	);
	expect(error?.message).toBe('The Dibby run failed after 2 of 5 steps');
	expect(posts()).toBe(3);
});

test("without waiting, a second try returns the first one's run", async () => {
	// The second item fails once: the first one's run must not be started again.
	suite.sandbox.failOn('POST', { status: 400 }, 2);
	const result = await suite.engine.run(echo({ options: { requestsAtOnce: 1 } }, RETRY), {
		items: items(2),
	});
	expect(result.items).toHaveLength(2);
	expect(suite.sandbox.runs.size).toBe(2);
	expect(new Set(result.items.map(({ json }) => json.id))).toEqual(
		new Set(suite.sandbox.runs.keys()),
	);
});

test('other inputs start another run', async () => {
	const value = '={{ $json.n }}';
	const first = await suite.engine.run(echo(fields({ name: 'n', type: 'number', value })), {
		items: items(1),
	});
	const again = await suite.engine.run(echo(fields({ name: 'n', type: 'number', value: 99 })), {
		items: items(1),
		contextData: first.run.data.executionData?.contextData,
	});
	expect(again.items[0]?.json.id).not.toBe(first.items[0]?.json.id);
});

test("n8n's Retry of a whole execution finds the runs of the first one", async () => {
	const steps = [echo({ waitForCompletion: true })];
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const first = await suite.engine.run(steps, { items: items(1) });
	expect(first.error).toBeDefined();
	const again = await suite.engine.run(steps, {
		items: items(1),
		contextData: first.run.data.executionData?.contextData,
	});
	expect(again.items[0]?.json).toMatchObject({ status: 'FINISHED' });
	expect(posts()).toBe(1);
});

describe('inputs that change with every try, like the time', () => {
	const now = fields({ name: 'at', type: 'string', value: '={{ $now }} {{ Math.random() }}' });
	const start = async (more: object) =>
		await suite.engine.run(triggerRun(WORKFLOWS.echo.id, { ...now, ...more }, RETRY), {
			items: items(1),
		});

	test('a second try finds the run that the first one started', async () => {
		suite.sandbox.failOn('GET', { status: 401 }, 1);
		const { error } = await start({ waitForCompletion: true });
		expect(error).toBeUndefined();
		expect(posts()).toBe(1);
	});

	test("an unknown outcome isn't sent again", async () => {
		suite.sandbox.failOn('POST', { kind: 'resetAfterTaken' });
		const { error } = await start({});
		expect(error?.message).toMatch(/a run may have been started/);
		expect(posts()).toBe(1);
	});
});
