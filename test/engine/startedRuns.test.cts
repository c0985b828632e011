import type { INode } from 'n8n-workflow';

import type { PlannedFault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { JobResult } from '../support/engine.cts';
import { echo, fields, getRun, numbers, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import type { WatchedLog } from '../support/logger.cts';
import { TOKEN, useSuite } from '../support/suite.cts';
import { until } from '../support/patience.cts';

// When a request is sent again, and when it is not; and the ID of what was started is never lost.
const suite = useSuite({ keepBodies: true });
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const WAIT = { waitForCompletion: true };
/** What n8n keeps of a custom value without a line in its log. */
const LONGEST_VALUE = 255;
const metadataOf = ({ run }: JobResult) => run.data.resultData.metadata ?? {};
const keptIds = (result: JobResult) =>
	Object.values(metadataOf(result)).flatMap((value) => value.match(/run_[\w-]+/g) ?? []);

const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST');

async function start(
	fault: PlannedFault['fault'],
	nth: PlannedFault['nth'],
	parameters: object = {},
	node: Partial<INode> = {},
) {
	suite.sandbox.failOn('POST', fault, nth);
	return await suite.engine.run(echo({ ...parameters }, node));
}

test('a refused connection is tried five times in all, with longer and longer pauses', async () => {
	await suite.sandbox.pause();
	const { error } = await start({ status: 200 }, 1);
	expect(error?.message).toBe("Can't connect to Dibby");
	const { pauses } = suite.clock;
	expect(pauses).toHaveLength(4);
	expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
	expect(pauses[3]).toBeGreaterThan(4 * (pauses[0] ?? 0));
});

test('the Time Limit bounds the tries, counted from the first of them', async () => {
	const { error } = await start(
		{ status: 503, headers: { 'Retry-After': '4' } },
		[1, 9],
		// Six seconds.
		{ waitForCompletion: true, timeLimit: 0.1 },
	);
	expect(error?.message).toBe("Dibby isn't available at the moment");
	expect(posts()).toHaveLength(2);
});

test.each<readonly [status: number, times: number]>([
	[503, 5],
	[429, 5],
	...[307, 308, 400, 401, 403, 404, 407, 413, 422, 498].map((status) => [status, 1] as const),
])('Retry On Fail starts the run after HTTP %d, %d times', async (status, times) => {
	const { error } = await start({ status }, [1, times], {}, RETRY);
	expect(error).toBeUndefined();
	expect(posts()).toHaveLength(times + 1);
	expect(suite.sandbox.runs.size).toBe(1);
});

test('each round of a loop starts its runs, also with the same inputs', async () => {
	const { error } = await suite.engine.run(echo(WAIT), { rounds: [numbers(2), numbers(2)] });
	expect(error).toBeUndefined();
	expect(posts()).toHaveLength(4);
});

describe('the other spelling of the key', () => {
	test.each([400, 422])('is used after HTTP %d, without a pause', async (status) => {
		suite.sandbox.failOn('POST', { status, body: 'worfklowId is required' }, 1);
		const step = triggerRun(WORKFLOWS.otherSpelling.id, { specifyInputs: 'item' });
		expect((await suite.engine.run(step)).error).toBeUndefined();
		expect(posts()).toHaveLength(2);
		expect(posts()[1]?.rawBody).toMatch(/^{"worfklowId":/);
		expect(suite.clock.pauses).toEqual([]);
	});

	test.each([
		[401, 1],
		[404, 1],
		[423, 1],
		[422, 2],
	])('after HTTP %d, %d requests are made in all', async (status, requests) => {
		const { error } = await start({ status, body: 'worfklowId' }, [1, 9]);
		expect(error?.description).toContain('worfklowId');
		expect(posts()).toHaveLength(requests);
	});
});

describe.each([` ${TOKEN}\n`, `Bearer ${TOKEN}`])('a token that was entered as %j', (entered) => {
	const spaces = useSuite({}, { token: entered });

	test('works, and is not shown when the server repeats it', async () => {
		spaces.sandbox.failOn('POST', { status: 400, body: `no ${TOKEN} here` }, 1);
		const steps = [echo({}, RETRY)];
		expect((await spaces.engine.run(steps)).error).toBeUndefined();
		spaces.sandbox.failOn('POST', { status: 400, body: `no ${TOKEN} here` });
		const { error, stored } = await spaces.engine.run(steps);
		expect(error?.description).toContain('no ');
		expect(stored).not.toContain(TOKEN);
	});
});

let log: WatchedLog;
beforeEach(() => (log = watchLog()));
afterEach(() => log.restore());

describe('the IDs that n8n shows with the execution', () => {
	test('are those of all nodes when the execution is cancelled during the second one', async () => {
		suite.clock.restore();
		const steps = [echo({}, { name: 'First' }), echo(WAIT, { name: 'Second' })];
		suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
		let cancel = () => {};
		const running = suite.engine.run(steps, { onStart: (run) => (cancel = run.cancel) });
		await until(() => suite.sandbox.requests.some(({ method }) => method === 'GET'));
		cancel();
		const result = await running;
		expect(result.run.status).toBe('canceled');
		expect(suite.sandbox.runIds).toHaveLength(2);
		expect(keptIds(result).sort()).toEqual(suite.sandbox.runIds.sort());
	});

	const three = ['First', 'Second', 'Third'].map((name) => echo({}, { name }));
	test.each([
		['several nodes with several items', three, 20, 60],
		['all tries of the node', [triggerRun(WORKFLOWS.failing.id, WAIT, RETRY)], 1, 3],
	])('are those of %s', async (_what, steps, count, expected) => {
		const result = await suite.engine.run(steps, { items: numbers(count) });
		expect(suite.sandbox.runIds).toHaveLength(expected);
		expect(keptIds(result).sort()).toEqual(suite.sandbox.runIds.sort());
	});

	test('each stand there once, under keys with a number', async () => {
		const result = await suite.engine.run(
			[echo(WAIT, { ...RETRY, name: 'First' }), getRun('={{ $json.id }}', {}, { name: 'Second' })],
			{ items: numbers(20) },
		);
		expect(Object.keys(metadataOf(result))).toEqual(['dibbyRunId', 'dibbyRunId2']);
		expect(keptIds(result)).toHaveLength(20);
	});

	test('are as many as n8n keeps, without a complaint in its log', async () => {
		const result = await suite.engine.run(echo(), { items: numbers(300) });
		const metadata = metadataOf(result);
		const numbered = Array.from({ length: 9 }, (_value, index) => `dibbyRunId${index + 2}`);
		expect(Object.keys(metadata)).toEqual(['dibbyRunId', ...numbered]);
		for (const value of Object.values(metadata)) {
			expect(value.length).toBeLessThanOrEqual(LONGEST_VALUE);
		}
		expect(log.lines('error')).toEqual([]);
		expect(suite.sandbox.runIds).toHaveLength(300);
		const kept = keptIds(result);
		const longest = Math.max(...suite.sandbox.runIds.map((id) => id.length));
		// A comma and a space between two, as it has been.
		const fit = 10 * Math.floor((LONGEST_VALUE + 2) / (longest + 2));
		expect(kept.length).toBeGreaterThanOrEqual(fit);
		expect(new Set(kept).size).toBe(kept.length);
		expect(suite.sandbox.runIds).toEqual(expect.arrayContaining(kept));
	});

	test('leave alone what other nodes keep there', async () => {
		const value = '={{ $execution.customData.set("invoice", "4711") }}{{ $json.n }}';
		const result = await suite.engine.run([{ type: 'after', parameters: { value } }, echo()], {
			items: numbers(200),
		});
		expect(metadataOf(result).invoice).toBe('4711');
		expect(keptIds(result).length).toBeGreaterThan(100);
	});
});

describe("n8n's log has the ID of every started run at level info", () => {
	const n = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });

	test.each([
		['that is not waited for', WORKFLOWS.echo.id, n],
		['that is waited for', WORKFLOWS.echo.id, { ...n, waitForCompletion: true }],
		['that fails', WORKFLOWS.failing.id, { waitForCompletion: true }],
	])('%s', async (_what, workflowId, parameters) => {
		const step = triggerRun(workflowId, parameters, { onError: 'continueRegularOutput' });
		await suite.engine.run(step, { items: numbers(200) });
		expect(suite.sandbox.runIds).toHaveLength(200);
		// n8n has no room for all of them beside the execution.
		const lines = log.lines('info').join('\n');
		for (const id of suite.sandbox.runIds) expect(lines).toContain(id);
	});
});
