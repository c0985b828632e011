import type { INode } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { JobResult } from '../support/engine.cts';
import { echo, fields, getRun, numbers, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import type { WatchedLog } from '../support/logger.cts';
import { useSuite } from '../support/suite.cts';
import { until } from '../support/patience.cts';

// What was started is started once, and its ID is never lost.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const WAIT = { waitForCompletion: true };
/** What n8n keeps of a custom value without a line in its log. */
const LONGEST_VALUE = 255;
const metadataOf = ({ run }: JobResult) => run.data.resultData.metadata ?? {};
const keptIds = (result: JobResult) =>
	Object.values(metadataOf(result)).flatMap((value) => value.match(/run_[\w-]+/g) ?? []);

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

	test('are those of several nodes with several items', async () => {
		const steps = ['First', 'Second', 'Third'].map((name) => echo({}, { name }));
		const result = await suite.engine.run(steps, { items: numbers(20) });
		expect(suite.sandbox.runIds).toHaveLength(60);
		expect(keptIds(result).sort()).toEqual(suite.sandbox.runIds.sort());
	});

	test('are those of all tries of the node', async () => {
		const result = await suite.engine.run(triggerRun(WORKFLOWS.failing.id, WAIT, RETRY));
		expect(suite.sandbox.runIds).toHaveLength(3);
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
		await suite.engine.run(
			triggerRun(workflowId, parameters, { onError: 'continueRegularOutput' }),
			{ items: numbers(200) },
		);
		expect(suite.sandbox.runIds).toHaveLength(200);
		// n8n has no room for all of them beside the execution.
		const lines = log.lines('info').join('\n');
		for (const id of suite.sandbox.runIds) expect(lines).toContain(id);
	});
});
