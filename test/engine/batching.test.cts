import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { JobResult } from '../support/engine.cts';
import { fields, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import type { WatchedLog } from '../support/logger.cts';
import { untilQuiet } from '../support/patience.cts';
import { useSuite } from '../support/suite.cts';

// n8n's own Batching: the engine hands the items to the node in groups, with a pause before each further one.
const suite = useSuite();
const numbers = (count: number): INodeExecutionData[] =>
	Array.from({ length: count }, (_value, n) => ({ json: { n } }));
const ofN = (value: string) => fields({ name: 'n', type: 'number', value });
const echoN = ofN('={{ $json.n }}');
/** The engine can't evaluate this for the first item of the second group of two, and gives up. */
const secondGroupFails = ofN('={{ $json.n === 2 ? $("Nowhere").item.json.x : $json.n }}');
type NumberOrText = number | string;
const groups = (batchSize: NumberOrText, batchInterval: NumberOrText = 60): IDataObject => ({
	requestOptions: { batching: { batch: { batchSize, batchInterval } } },
});
const requests = () => suite.sandbox.requests.length;
const startedNumbers = () => [...suite.sandbox.runs.values()].map(({ inputs }) => inputs.n);

/** Longer than a busy machine takes for the slowest job here. */
const HANGS_MS = 60_000;

/** Runs a job, and cancels it when it takes so long that it hangs. */
async function run(
	count: number,
	parameters: IDataObject,
	node: Partial<INode> = {},
): Promise<JobResult> {
	let timer: NodeJS.Timeout | undefined;
	const result = await suite.engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, parameters, node)],
		items: numbers(count),
		onStart: ({ cancel }) => (timer = setTimeout(cancel, HANGS_MS)),
	});
	clearTimeout(timer);
	return result;
}

const WAIT = { waitForCompletion: true, output: 'output' };

test.each([
	['-1, which n8n calls disabled', -1, 60],
	['0', 0, 60],
	['"2" as text', '2', 60],
	['"abc"', 'abc', 60],
	['2, and "60" as text for the interval', 2, '60'],
	['"-1" and "60", both as text', '-1', '60'],
	['an expression that is another number for each item', '={{ $json.n === 0 ? 2 : 1000 }}', 60],
	[
		'an expression that is smaller for each further item',
		'={{ $json.n === 0 ? 1000 : $json.n }}',
		60,
	],
])('every item gets its result with Items per Batch %s', async (_what, size, interval) => {
	const result = await run(5, { ...WAIT, ...echoN, ...groups(size, interval) });
	expect(result.run.status).toBe('success');
	expect(result.items.map(({ json }) => json.n)).toEqual([0, 1, 2, 3, 4]);
	expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(
		[0, 1, 2, 3, 4].map((item) => ({ item })),
	);
});

test('with Execute Once, nobody waits for further items', async () => {
	const { items, run: ended } = await run(
		5,
		{ ...WAIT, ...echoN, ...groups(2, 60_000) },
		{ executeOnce: true },
	);
	expect(ended.status).toBe('success');
	expect(items.map(({ json }) => json)).toEqual([{ n: 0 }]);
	expect(startedNumbers()).toEqual([0]);
});

/** Between groups; long, since a busy machine may be late with a request by half of it. */
const PAUSE_MS = 2_000;

test('Items per Batch is read from the first item, as the engine reads it', async () => {
	await run(4, { ...echoN, ...groups('={{ $json.n === 0 ? 2 : 1 }}', PAUSE_MS) });
	const [first = 0, second = 0, third = 0, fourth = 0] = suite.sandbox.requests.map(
		({ startedAt }) => startedAt,
	);
	expect(second - first).toBeLessThan(PAUSE_MS / 2);
	expect(third - second).toBeGreaterThan(PAUSE_MS / 2);
	expect(fourth - third).toBeLessThan(PAUSE_MS / 2);
});

test.each([2, '2'])('the groups of size %j start in their turn', async (size) => {
	const began = performance.now();
	await run(4, { ...echoN, ...groups(size, PAUSE_MS) });
	const times = suite.sandbox.requests.map(({ startedAt }) => startedAt - began);
	const [, second = 0, third = 0] = times;
	expect(times).toHaveLength(4);
	expect(third - second).toBeGreaterThan(PAUSE_MS / 2);
	expect(third).toBeGreaterThanOrEqual(PAUSE_MS - 5);
});

test('an item of a group that is wrong keeps that group and all after it from starting', async () => {
	const { error } = await run(6, {
		...ofN('={{ $json.n === 3 ? "three" : $json.n }}'),
		...groups(2, 60),
	});
	expect(error?.message).toContain('"n"');
	expect(startedNumbers()).toEqual([0, 1]);
	for (const id of suite.sandbox.runs.keys()) expect(error?.description).toContain(id);
});

describe('when the engine gives up at an expression of a later group', () => {
	let log: WatchedLog;
	beforeEach(() => {
		// On the real clock: what counts is what goes on when the execution is over.
		suite.clock.restore();
		log = watchLog();
	});
	afterEach(() => log.restore());

	const expectIdsInLog = () => {
		const lines = log.lines('info').join(' ');
		for (const id of suite.sandbox.runs.keys()) expect(lines).toContain(id);
	};

	test('nobody polls for the runs of earlier groups any more', async () => {
		suite.sandbox.setFaults([
			{ name: 'running', on: 'GET', fault: { kind: 'unknownStatus', status: 'RUNNING' } },
		]);
		const result = await run(4, {
			...WAIT,
			...secondGroupFails,
			...groups(2, 150),
			options: { pollInterval: 0.05 },
		});
		expect(result.error).toBeDefined();
		await untilQuiet(requests, 300);
		expect(startedNumbers()).toEqual([0, 1]);
		expectIdsInLog();
	});

	test('items that still wait for their turn are not started', async () => {
		suite.sandbox.setFaults([
			{
				name: 'busy',
				on: 'POST',
				nth: 2,
				fault: { status: 429, headers: { 'Retry-After': '0.9' } },
			},
		]);
		const result = await run(4, {
			...secondGroupFails,
			...groups(2, 100),
			options: { requestsAtOnce: 1 },
		});
		expect(result.error).toBeDefined();
		await untilQuiet(requests, 1500);
		expect(startedNumbers()).toEqual([0]);
		expectIdsInLog();
	});

	test.each([1, 4])(
		'no item is started twice with Retry On Fail and %d requests at once, although a 429 holds up the first try',
		async (requestsAtOnce) => {
			suite.sandbox.setFaults([
				{
					name: 'busy',
					on: 'POST',
					nth: 1,
					fault: { status: 429, headers: { 'Retry-After': '0.3' } },
				},
			]);
			const result = await run(
				4,
				{ ...secondGroupFails, ...groups(2, 100), options: { requestsAtOnce } },
				{ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
			);
			expect(result.error).toBeDefined();
			await untilQuiet(requests, 1500);
			const started = startedNumbers();
			expect(started).toEqual([...new Set(started)]);
			expectIdsInLog();
		},
	);
});

test('when the engine gives up within the last group, nothing of that group is started', async () => {
	const lastFails = ofN('={{ $json.n === 3 ? $("Nowhere").item.json.x : $json.n }}');
	const { error } = await run(4, { ...lastFails, ...groups(2) });
	expect(error).toBeDefined();
	await untilQuiet(requests, 200);
	expect(startedNumbers()).toEqual([0, 1]);
});

test('with On Error: Continue, expressions that fail for a whole group leave later groups alone', async () => {
	suite.clock.restore();
	const value = '={{ $json.n === 1 ? $("Nowhere").item.json.x : $json.n }}';
	const { items } = await run(
		4,
		// The first item is still waited for when the third comes, two pauses later.
		{ ...WAIT, ...ofN(value), ...groups(1, 300), options: { pollInterval: 0.7 } },
		{ onError: 'continueRegularOutput' },
	);
	expect([0, 2, 3].map((n) => items[n]?.json)).toEqual([0, 2, 3].map((n) => ({ n })));
	expect(startedNumbers().sort()).toEqual([0, 2, 3]);
});

test('with On Error: Continue, expressions that fail first and in the middle leave the others alone', async () => {
	const value = '={{ [0, 2].includes($json.n) ? $("Nowhere").item.json.x : $json.n }}';
	const { items, run: ended } = await run(
		6,
		{ ...WAIT, ...ofN(value), ...groups(2) },
		{ onError: 'continueRegularOutput' },
	);
	expect(ended.status).toBe('success');
	expect(items).toHaveLength(6);
	expect([1, 3, 4, 5].map((n) => items[n]?.json)).toEqual([1, 3, 4, 5].map((n) => ({ n })));
	for (const n of [0, 2]) expect(items[n]?.json.error ?? items[n]?.error).toBeDefined();
	expect(startedNumbers().sort()).toEqual([1, 3, 4, 5]);
});
