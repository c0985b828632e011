import type { IDataObject, INode } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { agentNodeTypes } from '../support/agent.cts';
import { startEngine } from '../support/engine.cts';
import type { Engine } from '../support/engine.cts';
import { fields, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// n8n's Retry On Fail also retries a node whose first output item has a field `error`, whatever its value.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const CONTINUE = { onError: 'continueRegularOutput' as const };
const WAIT = { waitForCompletion: true, output: 'output' };
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;

/** The echo workflow returns its inputs as the result. */
const echo = (error: unknown, node: object = {}, more: IDataObject = {}) =>
	triggerRun(
		WORKFLOWS.echo.id,
		{
			...WAIT,
			specifyInputs: 'json',
			jsonInputs: `={{ (${JSON.stringify({ error })}).toJsonString() }}`,
			...more,
		},
		{ ...RETRY, ...node },
	);

describe.each(['', 0, 'no date', true, []])('a good result with the field error: %j', (error) => {
	test.each([
		['stops', {}],
		['continues', CONTINUE],
	])('starts one run if the node %s on errors', async (_what, node) => {
		const { items } = await suite.engine.run(echo(error, node));
		expect(items[0]?.json).toEqual({ error });
		expect(posts()).toBe(1);
	});

	test("starts one run in a tool that n8n's engine executes as a node", async () => {
		const engine: Engine = await startEngine({
			token: TOKEN,
			baseUrl: suite.sandbox.url,
			more: await agentNodeTypes(),
		});
		const credentials = { dibbyApi: { id: '1', name: 'Dibby account' } };
		const tool = { ...echo(error), type: 'dibbyTool', name: 'Dibby Tool', credentials };
		await engine.run(tool);
		expect(posts()).toBe(1);
	});
});

test("item 0's field `error` doesn't start the failed run of item 1 again", async () => {
	const workflow = { __rl: true, mode: 'id', value: '={{ $json.workflow }}' };
	const { items } = await suite.engine.run(
		triggerRun(
			'',
			{
				...WAIT,
				workflow,
				specifyInputs: 'json',
				jsonInputs: '={{ $itemIndex === 0 ? \'{"error": "x"}\' : "{}" }}',
			},
			{ ...RETRY, ...CONTINUE },
		),
		{
			items: [
				{ json: { workflow: WORKFLOWS.echo.id } },
				{ json: { workflow: WORKFLOWS.failing.id } },
			],
		},
	);
	expect(items).toHaveLength(2);
	expect(posts()).toBe(2);
});

test('a 404 for the run that the first attempt started can be replication lag', async () => {
	suite.sandbox.setFaults([
		{ on: 'GET', nth: 1, fault: { status: 401 } },
		{ on: 'GET', nth: [2, 4], fault: { status: 404 } },
	]);
	const { error } = await suite.engine.run(
		triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...fields() }, RETRY),
	);
	expect(error).toBeUndefined();
	expect(posts()).toBe(1);
});

test('the run that a retried execution finds is in its log and custom data', async () => {
	const step = triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...fields() });
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const first = await suite.engine.run(step, { executionId: '1' });
	const [runId] = suite.sandbox.runIds;
	const log = watchLog();
	const second = await suite.engine.run(step, {
		executionId: '2',
		contextData: first.run.data.executionData?.contextData,
	});
	log.restore();
	expect(second.error).toBeUndefined();
	expect(posts()).toBe(1);
	expect(second.run.data.resultData.metadata).toEqual({ dibbyRunId: runId });
	expect(log.lines('info').join()).toContain(
		`Dibby run ${runId} was started earlier (execution 2, node \\"Dibby\\", item 0)`,
	);
});
