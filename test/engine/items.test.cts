import type { IDataObject } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Step } from '../support/engine.cts';
import { document, echo, fields, getRun } from '../support/jobs.cts';
import { inMemoryFile, numbers, triggerRun, WAIT } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();

const ofN = (value: string) => fields({ name: 'n', type: 'number', value });
const echoN = ofN('={{ $json.n }}');
const CONTINUE = { onError: 'continueRegularOutput' as const };
const ONE_BY_ONE = { options: { requestsAtOnce: 1 } };
/** Items with an even n have a workflow, the others have none. */
const value = `={{ $json.n % 2 === 0 ? "${WORKFLOWS.echo.id}" : "99999999-9999-4999-8999-999999999999" }}`;
const sometimes = { ...echoN, workflow: { __rl: true, mode: 'id', value } };
const NOT_FOUND = "Dibby can't find this workflow";

const FINISHED = '{"id":"run_1","status":"FINISHED","output":{}}';
const LATE = { ...WAIT, timeLimit: 0.1, options: { whenTimeRunsOut: 'return' } };

const SEEN = '={{ $("Manual Trigger").item.json.n }}';

/** Runs so many items. */
const run = async (count: number, parameters: object, node = {}) =>
	await suite.engine.run(echo(parameters as never, node), { items: numbers(count) });

test.each([
	['separate', SEEN],
	// An item is its fields there, and nothing else.
	['combined', '={{ $("Manual Trigger").item.n }}'],
] as const)('results are paired with items in the %s binary mode', async (binaryMode, seen) => {
	const { items } = await suite.engine.run(
		[echo({ ...WAIT, ...echoN }), { type: 'after', parameters: { value: seen } }],
		{ settings: { binaryMode }, items: numbers(5) },
	);
	expect(items.map(({ json }) => json)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n, seen: n })));
});

test.each([
	[2, { options: { requestsAtOnce: 2 } }],
	[2, { options: { requestsAtOnce: '={{ "2" }}' } }],
	[4, {}],
])('at most %d requests are in flight with the parameters %j', async (most, parameters) => {
	// Answers take a few milliseconds, so that requests overlap.
	suite.sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 1 });
	await run(12, { ...WAIT, ...echoN, ...parameters });
	expect(suite.sandbox.runs.size).toBe(12);
	expect(suite.sandbox.maxInFlight).toBe(most);
});

test('a 429 makes all items pause, not only the one that got it', async () => {
	suite.sandbox.failOn('POST', { status: 429, headers: { 'Retry-After': '0.3' } }, 1);
	suite.clock.restore();
	const { items } = await run(3, { ...echoN, ...ONE_BY_ONE });
	expect(items).toHaveLength(3);
	const [refused = 0, next = 0] = suite.sandbox.requests.map(({ startedAt }) => startedAt);
	expect(next - refused).toBeGreaterThanOrEqual(300);
});

describe('Continue On Fail', () => {
	test('gives an item with the message, the HTTP status and the pairing', async () => {
		const after = { type: 'after', parameters: { value: SEEN } };
		const steps = [echo({ ...WAIT, ...sometimes }, CONTINUE), after];
		const { items } = await suite.engine.run(steps, { items: numbers(4) });
		expect(items.map(({ json }) => json.seen)).toEqual([0, 1, 2, 3]);
		const description = expect.any(String) as string;
		const error = { message: NOT_FOUND, httpStatus: 404, description };
		expect(items[1]?.json).toMatchObject({ message: NOT_FOUND, error });
		expect(items[2]?.json).toEqual({ n: 2, seen: 2 });
	});

	test("gives the run's ID when one was started", async () => {
		const fields = { status: 'FAILED', steps: 5, stepsCompleted: 2 };
		suite.sandbox.failOn('GET', { kind: 'runWith', fields });
		const { items } = await run(1, WAIT, CONTINUE);
		const message = 'The Dibby run failed after 2 of 5 steps';
		const [dibbyRunId] = suite.sandbox.runIds;
		expect(items[0]?.json.error).toMatchObject({ dibbyRunId, message });
		suite.sandbox.failOn('GET', { status: 401 });
		const { items: next } = await run(1, WAIT, CONTINUE);
		const started = `Runs started by this node: item 0: ${suite.sandbox.runIds[1]}. `;
		expect((next[0]?.json.error as IDataObject).description).toContain(started);
	});
});

test('the error output gets the items that failed, joined with what they were', async () => {
	const node = { onError: 'continueErrorOutput' };
	const { items, errorItems } = await run(4, { ...WAIT, ...sometimes }, node);
	expect(items.map(({ json }) => json)).toEqual([{ n: 0 }, { n: 2 }]);
	expect(errorItems.map(({ json }) => json)).toMatchObject([
		{ n: 1, error: { httpStatus: 404 } },
		{ n: 3, error: { httpStatus: 404 } },
	]);
});

describe('when one item fails and the node stops', () => {
	test('the error names every run that was started, by item, and later items are not started', async () => {
		const { error, items } = await run(6, { ...sometimes, ...ONE_BY_ONE });
		const [runId] = suite.sandbox.runIds;
		expect(items).toEqual([]);
		expect(suite.sandbox.runs.size).toBe(1);
		expect(error?.message).toBe(`${NOT_FOUND} [item 1]`);
		expect(error?.description).toContain(`Runs started by this node: item 0: ${runId}.`);
	});

	test('a run is named even when its ID is a part of other words', async () => {
		suite.sandbox.setFaults([
			{ on: 'POST', nth: 1, fault: { status: 201, body: '{"id":"run_1"}' } },
			{ on: 'POST', nth: 2, fault: { status: 400, body: 'not as run_10 was' } },
		]);
		const { error } = await run(2, { ...echoN, ...ONE_BY_ONE });
		expect(error?.description).toContain('item 0: run_1.');
	});

	test('items in flight are finished, and their runs named', async () => {
		const { error } = await run(12, { ...sometimes, options: { requestsAtOnce: 3 } });
		expect(suite.sandbox.runIds.length).toBeGreaterThan(0);
		for (const id of suite.sandbox.runIds) expect(error?.description).toContain(id);
	});
});

describe('Get Run without an ID', () => {
	const EMPTY = "'Run ID' is empty";
	const AFTER_ERROR = `${EMPTY}, because the Dibby node before this one failed`;

	test.each<[string, Fault | undefined, number]>([
		['that run', undefined, 1],
		['no run, if none was started', { status: 422 }, NaN],
		['no run, if one may have been started', { kind: 'resetAfterTaken' }, NaN],
	])("on an error output with the incoming item's run gets %s", async (_what, fault, n) => {
		if (fault !== undefined) suite.sandbox.failOn('POST', fault, 2);
		const second = { name: 'Second', onError: 'continueErrorOutput' as const };
		const steps = [echo(WAIT), triggerRun(WORKFLOWS.failing.id, WAIT, second)];
		const { errorItems } = await suite.engine.run(steps, { items: numbers(1) });
		const [runId] = suite.sandbox.runIds;
		expect(errorItems[0]?.json.dibbyRunId).toBe(runId);
		const get = { type: 'dibby', parameters: { operation: 'getRun', waitForCompletion: false } };
		const { runIds, error } = await suite.engine.run(get, { items: errorItems });
		expect(runIds[0]).toBe(suite.sandbox.runIds[n]);
		if (!Number.isNaN(n)) return expect(error).toBeUndefined();
		const first = errorItems[0]?.json.error as Record<string, string>;
		const mayExist = fault !== undefined && 'kind' in fault;
		expect(error).toMatchObject({ message: AFTER_ERROR, outcomeUnknown: mayExist });
		expect(error?.description).toBe(`That node's error: ${first.message}. ${first.description}`);
	});

	test('gets its own run next to an error of an earlier Dibby node, which Keep Source keeps', async () => {
		const given = { options: { keepSource: 'json' }, waitForCompletion: false };
		const unset = { operation: 'getRun', waitForCompletion: false };
		const get = { type: 'dibby', name: 'Get Run', parameters: unset };
		const error = { dibbyRunId: 'run_old' };
		const items = [{ json: { message: 'old', error, other: { error: 1 } } }];
		const { items: got } = await suite.engine.run([echo(given), get], { items });
		expect(got[0]?.json.id).toBe(suite.sandbox.runIds[0]);
		const { items: kept } = await suite.engine.run(echo(given), { items });
		expect(kept[0]?.json).toMatchObject({ other: { error: 1 } });
		expect(kept[0]?.json).not.toHaveProperty('message');
	});

	test.each([
		...['={{ $json.nothing }}', '={{ $json.none }}', '={{ undefined }}', '={{ null }}'],
		...['={{ "" }}', '={{ " \\n\\t " }}', '= {{ $json.empty }} '],
	])('%s stops the node before anything is sent', async (runId) => {
		const items = [{ json: { none: null, empty: '' } }];
		expect((await suite.engine.run(getRun(runId), { items })).error?.message).toBe(EMPTY);
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('in continue mode, its item carries the error and the others continue', async () => {
		await run(1, {});
		const [id] = suite.sandbox.runIds;
		const step = getRun('={{ $json.id }}', {}, CONTINUE);
		const { items } = await suite.engine.run(step, { items: [{ json: {} }, { json: { id } }] });
		const description = expect.stringContaining('Nothing was sent') as string;
		const error = { message: EMPTY, description, dibbyRunId: null };
		expect(items[0]?.json).toEqual({ message: EMPTY, error });
		expect(items[1]?.json).toMatchObject({ id });
	});
});

describe('hints are shown only if they are true', () => {
	const RUNNING = FINISHED.replace('FINISHED', 'RUNNING');
	const FIELDS = { waitForCompletion: true, output: 'fields', outputFields: 'n, N' };
	const LIST: Fault = { kind: 'output', output: [1] };
	const returned = { ...FIELDS, options: { whenRunFails: 'return' } };
	const failing = triggerRun(WORKFLOWS.failing.id, returned);

	test.each<[string, Step, Fault | undefined, string]>([
		['once after a start without waiting', echo(), undefined, 'The run continues in Dibby'],
		['not after waiting for its end', echo(WAIT), undefined, ''],
		['not after a start that is rejected', echo({}, CONTINUE), { status: 422 }, ''],
		['not after a run that was finished at once', echo(), { status: 200, body: FINISHED }, ''],
		['about missing fields', echo(FIELDS), undefined, "aren't in the workflow's output: N. "],
		['not about fields of a failed run', failing, undefined, ''],
		['not about a list', echo({ ...FIELDS, outputFields: 'output' }), LIST, ''],
		['not after Get Run', getRun('run_1'), { status: 200, body: RUNNING }, ''],
		['not for an item that is invalid', getRun('={{ "" }}', {}, CONTINUE), undefined, ''],
		['not after the time limit', echo(LATE), { kind: 'unknownStatus', status: 'RUNNING' }, ''],
	])('%s', async (_what, step, fault, hint) => {
		if (fault !== undefined) suite.sandbox.failOn('any', fault);
		const { run } = await suite.engine.run(step, { items: numbers(1) });
		const hints = run.data.resultData.runData.Dibby?.[0]?.hints ?? [];
		expect(hints).toHaveLength(hint === '' ? 0 : 1);
		expect(JSON.stringify(hints)).toContain(hint);
	});
});

test.each([
	[1, '1 item had no matching file, so no run was started for it.'],
	[2, '2 items had no matching file, so no run was started for them.'],
])('of three items, %d without a file', async (count, message) => {
	const step = echo({ ...WAIT, ...document('document', 'data', 'each') });
	const file = { data: inMemoryFile('x', 'application/pdf') };
	const items = [0, 1, 2].map((n) => ({ json: {}, ...(n < count ? {} : { binary: file }) }));
	const { run: execution } = await suite.engine.run(step, { items });
	expect(execution.data.resultData.runData.Dibby?.[0]?.hints).toEqual([{ message }]);
});

// More items than a function can have arguments.
describe('with 130,000 items', () => {
	const many = { items: Array.from({ length: 130_000 }, () => ({ json: {} })) };

	test('of which one is invalid, the node ends and sends nothing', async () => {
		const step = echo(ofN('={{ $itemIndex === 0 ? "no number" : 1 }}'));
		const { error } = await suite.engine.run(step, many);
		expect(error?.message).toContain('[item 0]');
		expect(suite.sandbox.requests).toEqual([]);
	});

	test('that fail, and On Error: Continue, each has its error', async () => {
		const workflow = { __rl: true, mode: 'id', value: 'not an ID' };
		const { items, error } = await suite.engine.run(echo({ workflow }, CONTINUE), many);
		expect(error).toBeUndefined();
		expect(items).toHaveLength(130_000);
	});
});
