import type { INode } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { JobResult, Step } from '../support/engine.cts';
import { echo, fields, getRun, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import type { WatchedLog } from '../support/logger.cts';
import { useSuite } from '../support/suite.cts';
import { until } from '../support/patience.cts';

// What was started is started once, and its ID is never lost.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const WAIT = { specifyInputs: 'item', waitForCompletion: true };
/** What n8n keeps of a custom value without a line in its log. */
const LONGEST_VALUE = 255;
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;
const startedIds = () => suite.sandbox.runIds;
const items = (count: number) => Array.from({ length: count }, (_value, n) => ({ json: { n } }));
const metadataOf = ({ run }: JobResult) => run.data.resultData.metadata ?? {};
const keptIds = (result: JobResult) =>
	Object.values(metadataOf(result)).flatMap((value) => value.match(/run_[\w-]+/g) ?? []);

let log: WatchedLog;
beforeEach(() => (log = watchLog()));
afterEach(() => log.restore());

describe('a failed run whose item has a field "error"', () => {
	const failed = {
		status: 'FAILED',
		steps: 5,
		stepsCompleted: 2,
		output: null,
		error: 'The OCR engine gave up',
	};
	const returned = { ...WAIT, options: { whenRunFails: 'return' } };

	beforeEach(() => suite.sandbox.failOn('GET', { kind: 'runWith', fields: failed }));

	test.each([
		['stops', {}],
		['continues', { onError: 'continueRegularOutput' as const }],
	])('is started once with Retry On Fail when the node %s on errors', async (_what, node) => {
		const result = await suite.engine.run(
			triggerRun(WORKFLOWS.echo.id, returned, { ...RETRY, ...node }),
		);
		expect(result.items[0]?.json).toMatchObject({ status: 'FAILED', error: failed.error });
		expect(posts()).toBe(1);
	});

	test('is started anew by Retry On Fail when it is an error', async () => {
		const result = await suite.engine.run(triggerRun(WORKFLOWS.echo.id, WAIT, RETRY));
		expect(result.error?.message).toBe('The Dibby run failed after 2 of 5 steps');
		expect(posts()).toBe(3);
	});
});

describe('the IDs that n8n shows with the execution', () => {
	/** Runs a job and cancels it when the condition is met. */
	async function cancelWhen(steps: Step[], condition: () => boolean): Promise<JobResult> {
		let cancel = () => {};
		const running = suite.engine.run(steps, {
			onStart: (execution) => (cancel = execution.cancel),
		});
		await until(condition);
		cancel();
		return await running;
	}

	test('are those of all nodes when the execution is cancelled during the second one', async () => {
		suite.clock.restore();
		const steps: Step[] = [
			echo({}, { name: 'First' }),
			triggerRun(WORKFLOWS.echo.id, WAIT, { name: 'Second' }),
		];
		suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
		const isPolled = () => suite.sandbox.requests.some(({ method }) => method === 'GET');
		const result = await cancelWhen(steps, isPolled);
		expect(result.run.status).toBe('canceled');
		expect(startedIds()).toHaveLength(2);
		expect(keptIds(result).sort()).toEqual(startedIds().sort());
	});

	test('are those of several nodes with several items', async () => {
		const steps: Step[] = ['First', 'Second', 'Third'].map((name) => echo({}, { name }));
		const result = await suite.engine.run(steps, { items: items(20) });
		expect(startedIds()).toHaveLength(60);
		expect(keptIds(result).sort()).toEqual(startedIds().sort());
	});

	test('are those of all tries of the node', async () => {
		const result = await suite.engine.run(triggerRun(WORKFLOWS.failing.id, WAIT, RETRY));
		expect(startedIds()).toHaveLength(3);
		expect(keptIds(result).sort()).toEqual(startedIds().sort());
	});

	test('each stand there once, under keys with a number', async () => {
		const result = await suite.engine.run(
			[
				triggerRun(WORKFLOWS.echo.id, WAIT, { ...RETRY, name: 'First' }),
				getRun('={{ $json.id }}', {}, { name: 'Second' }),
			],
			{ items: items(20) },
		);
		expect(Object.keys(metadataOf(result))).toEqual(['dibbyRunId', 'dibbyRunId2']);
		expect(keptIds(result)).toHaveLength(20);
	});

	test('are as many as n8n keeps, without a complaint in its log', async () => {
		const result = await suite.engine.run(echo(), { items: items(300) });
		const metadata = metadataOf(result);
		const numbered = Array.from({ length: 9 }, (_value, index) => `dibbyRunId${index + 2}`);
		expect(Object.keys(metadata)).toEqual(['dibbyRunId', ...numbered]);
		for (const value of Object.values(metadata)) {
			expect(value.length).toBeLessThanOrEqual(LONGEST_VALUE);
		}
		expect(log.lines('error')).toEqual([]);
		expect(startedIds()).toHaveLength(300);
		const kept = keptIds(result);
		const longest = Math.max(...startedIds().map((id) => id.length));
		// A comma and a space between two, as it has been.
		const fit = 10 * Math.floor((LONGEST_VALUE + 2) / (longest + 2));
		expect(kept.length).toBeGreaterThanOrEqual(fit);
		expect(new Set(kept).size).toBe(kept.length);
		expect(startedIds()).toEqual(expect.arrayContaining(kept));
	});

	test('leave alone what other nodes keep there', async () => {
		const value = '={{ $execution.customData.set("invoice", "4711") }}{{ $json.n }}';
		const result = await suite.engine.run([{ type: 'after', parameters: { value } }, echo()], {
			items: items(200),
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
		await suite.engine.run(
			triggerRun(workflowId, parameters, { onError: 'continueRegularOutput' }),
			{ items: items(20) },
		);
		expect(startedIds()).toHaveLength(20);
		const lines = log.lines('info');
		for (const id of startedIds()) {
			expect(lines).toContainEqual(expect.stringContaining(id));
		}
	});

	test('that n8n has no room for beside the execution', async () => {
		await suite.engine.run(triggerRun(WORKFLOWS.echo.id, n), { items: items(200) });
		const lines = log.lines('info').join('\n');
		expect(startedIds()).toHaveLength(200);
		for (const id of startedIds()) expect(lines).toContain(id);
	});
});
