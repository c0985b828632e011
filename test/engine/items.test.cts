import type { INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();

const numbers = (count: number): INodeExecutionData[] =>
	Array.from({ length: count }, (_value, n) => ({ json: { n } }));
const echoN = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
const WAIT = { waitForCompletion: true, output: 'output' };
/** Items with an even n are accepted by the classify workflow's Start Node, the others are not. */
const sometimes = {
	workflow: {
		__rl: true,
		mode: 'id',
		value: `={{ $json.n % 2 === 0 ? "${WORKFLOWS.echo.id}" : "99999999-9999-4999-8999-999999999999" }}`,
	},
};

test.each([
	['separate', '={{ $("Manual Trigger").item.json.n }}'],
	// An item is its fields there, and nothing else.
	['combined', '={{ $("Manual Trigger").item.n }}'],
] as const)(
	'every result is paired with its item, and expressions further down find it, in the %s binary mode',
	async (binaryMode, value) => {
		const { items } = await suite.engine.run(
			[echo({ ...WAIT, ...echoN }), { type: 'after', parameters: { value } }],
			{ settings: { binaryMode }, items: numbers(5) },
		);
		expect(items.map(({ json }) => json)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n, seen: n })));
	},
);

test('Execute Once starts one run', async () => {
	const { items } = await suite.engine.run(echo({ ...WAIT, ...echoN }, { executeOnce: true }), {
		items: numbers(3),
	});
	expect(items).toHaveLength(1);
	expect(suite.sandbox.runs.size).toBe(1);
});

/** Answers that take a few milliseconds, so that requests overlap. */
const SLOW = [{ on: 'POST', fault: { kind: 'slowBody', byteEveryMs: 1 } }] as const;

test('no more requests are in flight than the option says', async () => {
	suite.sandbox.setFaults(SLOW);
	await suite.engine.run(echo({ ...WAIT, ...echoN, options: { requestsAtOnce: 2 } }), {
		items: numbers(8),
	});
	expect(suite.sandbox.runs.size).toBe(8);
	expect(suite.sandbox.maxInFlight).toBe(2);
});

test('four requests are in flight by default', async () => {
	suite.sandbox.setFaults(SLOW);
	await suite.engine.run(echo({ ...WAIT, ...echoN }), { items: numbers(12) });
	expect(suite.sandbox.runs.size).toBe(12);
	expect(suite.sandbox.maxInFlight).toBe(4);
});

test('a 429 makes all items pause, not only the one that got it', async () => {
	suite.sandbox.failOn('POST', { status: 429, headers: { 'Retry-After': '0.3' } }, 1);
	suite.clock.restore();
	const { items } = await suite.engine.run(echo({ ...echoN, options: { requestsAtOnce: 1 } }), {
		items: numbers(3),
	});
	expect(items).toHaveLength(3);
	const [refused = 0, next = 0] = suite.sandbox.requests.map(({ startedAt }) => startedAt);
	expect(next - refused).toBeGreaterThanOrEqual(300);
});

test("n8n's own Batching works", async () => {
	const requestOptions = { batching: { batch: { batchSize: 2, batchInterval: 60 } } };
	const { items } = await suite.engine.run(echo({ ...echoN, requestOptions }), {
		items: numbers(6),
	});
	expect(items).toHaveLength(6);
	expect(suite.clock.pauses.filter((pause) => pause === 60)).toHaveLength(2);
});

describe('Continue On Fail', () => {
	const node = { onError: 'continueRegularOutput' as const };

	test('gives an item with the message, the HTTP status and the pairing', async () => {
		const { items } = await suite.engine.run(
			[
				echo({ ...WAIT, ...echoN, ...sometimes }, node),
				{ type: 'after', parameters: { value: '={{ $("Manual Trigger").item.json.n }}' } },
			],
			{ items: numbers(4) },
		);
		expect(items.map(({ json }) => json.seen)).toEqual([0, 1, 2, 3]);
		expect(items[1]?.json).toMatchObject({
			message: "Dibby can't find this workflow",
			error: {
				message: "Dibby can't find this workflow",
				httpStatus: 404,
				description: expect.any(String) as string,
			},
		});
		expect(items[2]?.json).toEqual({ n: 2, seen: 2 });
	});

	test("gives the run's ID when one was started", async () => {
		const { items } = await suite.engine.run(
			triggerRun(WORKFLOWS.failing.id, { specifyInputs: 'item', waitForCompletion: true }, node),
		);
		const [runId] = suite.sandbox.runIds;
		expect(items[0]?.json.error).toMatchObject({
			dibbyRunId: runId,
			message: 'The Dibby run failed after 2 of 5 steps',
		});
	});

	test('an expression that fails in one item leaves the others alone', async () => {
		const value = '={{ $json.n === 1 ? $json.missing.deeper : $json.n }}';
		const { items } = await suite.engine.run(
			echo({ ...WAIT, ...fields({ name: 'n', type: 'number', value }) }, node),
			{ items: numbers(3) },
		);
		expect(items).toHaveLength(3);
		expect(items[0]?.json).toEqual({ n: 0 });
		expect(items[2]?.json).toEqual({ n: 2 });
	});
});

test('the error output gets the items that failed, joined with what they were', async () => {
	const { items, errorItems } = await suite.engine.run(
		echo({ ...WAIT, ...echoN, ...sometimes }, { onError: 'continueErrorOutput' }),
		{ items: numbers(4) },
	);
	expect(items.map(({ json }) => json)).toEqual([{ n: 0 }, { n: 2 }]);
	expect(errorItems.map(({ json }) => json)).toMatchObject([
		{ n: 1, error: { httpStatus: 404 } },
		{ n: 3, error: { httpStatus: 404 } },
	]);
});

describe('when one item fails and the node stops', () => {
	test('the error names every run that was started, by item, and later items are not started', async () => {
		const { error, items } = await suite.engine.run(
			echo({ ...echoN, ...sometimes, options: { requestsAtOnce: 1 } }),
			{ items: numbers(6) },
		);
		const [runId] = suite.sandbox.runIds;
		expect(items).toEqual([]);
		expect(suite.sandbox.runs.size).toBe(1);
		expect(error?.message).toBe("Dibby can't find this workflow [item 1]");
		expect(error?.description).toContain(`Runs started by this node: item 0: ${runId}.`);
	});

	test('a run is named even when its ID is a part of other words', async () => {
		suite.sandbox.setFaults([
			{ on: 'POST', nth: 1, fault: { status: 201, body: '{"id":"run_1"}' } },
			{ on: 'POST', nth: 2, fault: { status: 400, body: 'not as run_10 was' } },
		]);
		const { error } = await suite.engine.run(echo({ ...echoN, options: { requestsAtOnce: 1 } }), {
			items: numbers(2),
		});
		expect(error?.description).toContain('item 0: run_1.');
	});

	test('items in flight are finished, and their runs named', async () => {
		const { error } = await suite.engine.run(
			echo({ ...echoN, ...sometimes, options: { requestsAtOnce: 3 } }),
			{ items: numbers(12) },
		);
		const ids = suite.sandbox.runIds;
		expect(ids.length).toBeGreaterThan(0);
		for (const id of ids) expect(error?.description).toContain(id);
	});

	test.each([
		[
			'an expression of a later item fails',
			'={{ $json.n === 2 ? $("Nowhere").item.json.x : $json.n }}',
		],
		['an input of a later item has the wrong type', '={{ $json.n === 2 ? "two" : $json.n }}'],
	])('nothing at all is started when %s', async (_what, value) => {
		const { error } = await suite.engine.run(echo(fields({ name: 'n', type: 'number', value })), {
			items: numbers(3),
		});
		expect(error).toBeDefined();
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});
