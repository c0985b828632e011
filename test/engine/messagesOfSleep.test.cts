import type { IDataObject } from 'n8n-workflow';

import { HELPER_NODE_TYPES } from '../../dist/nodes/Dibby/sleep/helperWorkflow.js';
import { clock } from '../../dist/nodes/Dibby/clock.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { agentNodeTypes, runAgent } from '../support/agent.cts';
import { startEngine } from '../support/engine.cts';
import type { JobResult } from '../support/engine.cts';
import { document, echo, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import { textOf } from '../support/messages.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// The errors of Sleep and of agents' tools. The others are in messages.test.cts.

interface HelperWorkflow {
	nodes: Array<{ name: string; parameters: Record<string, string> }>;
}
let helperWorkflow: HelperWorkflow | undefined;
let refusesToSleep = false;
const suite = useSuite(
	{},
	{
		subWorkflows: {
			nodeTypes: HELPER_NODE_TYPES,
			execute: async ({ code }) => {
				if (refusesToSleep) throw new Error('No workflow may be called here');
				helperWorkflow = code as unknown as HelperWorkflow;
				const waitTill = new Date(Date.now() + 70_000);
				return { executionId: '2', data: [[{ json: {} }]], waitTill };
			},
		},
	},
);
beforeEach(() => {
	refusesToSleep = false;
	helperWorkflow = undefined;
});

const SLEEP = { waitForCompletion: true, whileWaiting: 'sleep', timeLimitDays: 0.01 };
const PDF = { data: inMemoryFile('a scan', 'application/pdf') };
const items = [{ json: {}, binary: PDF }];
const approval = (parameters: object = {}) =>
	triggerRun(WORKFLOWS.approval.id, { ...SLEEP, ...document('document'), ...parameters });
const show = (result: Pick<JobResult, 'items'> & Partial<JobResult>) =>
	expect(textOf(result, suite.sandbox.runIds)).toMatchSnapshot();
const nothingIsSent = () => expect(suite.sandbox.requests).toEqual([]);

describe('the errors of Sleep:', () => {
	test('n8n lacks a node', async () => {
		const engine = await startEngine({ token: TOKEN, baseUrl: suite.sandbox.url });
		show(await engine.run(approval(), { items }));
		nothingIsSent();
	});
	test('Request Options depend on the item', async () => {
		const step = approval({ requestOptions: { proxy: '={{ $json.proxy }}' } });
		show(await suite.engine.run(step, { items }));
		nothingIsSent();
	});
	test('the workflow has a short timeout', async () => {
		show(await suite.engine.run(approval(), { items, timesOutAt: Date.now() + 60_000 }));
		nothingIsSent();
		// Longer than 'Time Limit'.
		const timesOutAt = Date.now() + 3_600_000;
		expect((await suite.engine.run(approval(), { items, timesOutAt })).run.status).toBe('waiting');
	});
	test('n8n refuses the helper workflow', async () => {
		refusesToSleep = true;
		show(await suite.engine.run(approval(), { items }));
	});
	test('the helper workflow gives up', async () => {
		await suite.engine.run(approval(), { items });
		const giveUp = helperWorkflow?.nodes.find(({ name }) => name === 'Give Up');
		const error = JSON.parse(String(giveUp?.parameters.errorObject)) as JobResult['error'];
		show({ error, items: [] });
	});

	describe('in the helper workflow,', () => {
		const HOUR = 3_600_000;
		const completion = { waits: true, sleeps: true, timeLimitMs: HOUR, whenTimeRunsOut: 'error' };
		const run = { item: 0, runId: 'run_1', status: 'RUNNING', hasEnded: false, completion };
		const step = async (sleepStep: string, began: number, runId = 'run_1') =>
			await suite.engine.run(getRun('unused', { sleepStep }), {
				items: [{ json: { runs: [{ ...run, runId, isStartedHere: true }], began, polls: 3 } }],
			});
		beforeEach(() => {
			clock.processAge = () => HOUR;
		});

		test.each([
			['the last wake-up has passed', 'finish', 48],
			['the step is unknown', 'pollLater', 0],
		])('%s', async (_name, sleepStep, hours) => {
			show(await step(sleepStep, Date.now() - hours * HOUR));
			nothingIsSent();
		});
		test('the time limit has passed', async () => {
			await suite.engine.run(approval({ waitForCompletion: false }), { items });
			show(await step('finish', Date.now() - HOUR, suite.sandbox.runIds[0]));
		});
	});
});

describe("the errors of an agent's tool:", () => {
	beforeEach(async () => {
		const more = await agentNodeTypes();
		suite.engine = await startEngine({ token: TOKEN, baseUrl: suite.sandbox.url, more });
	});

	/** What the model gets. */
	async function answer(parameters: object, workflow: keyof typeof WORKFLOWS = 'echo') {
		const given = { documents: {}, specifyInputs: 'item', waitForCompletion: true, ...parameters };
		const tool = triggerRun(WORKFLOWS[workflow].id, given);
		let text = '';
		await runAgent(suite.engine, tool, { items: [{ json: {} }] }, async (call) => {
			const { text: result = '[]', error = result } = await call({});
			text = error;
		});
		const [error] = JSON.parse(text) as [IDataObject];
		show({ items: [{ json: { error } }] });
	}

	test('a run that failed', async () => await answer({}, 'failing'));
	test('a start with an unknown outcome', async () => {
		suite.sandbox.failOn('POST', { status: 500 });
		await answer({});
	});
	test('a file that was not uploaded', async () => await answer(document('x', '*')));
	test('Max Result Length (Characters)', async () => {
		await answer({ options: { agentAnswerLimit: -1 } });
	});
	test('an error output', async () => {
		const node = { type: 'dibbyTool', onError: 'continueErrorOutput' as const };
		const log = watchLog();
		await suite.engine.run(echo({ documents: {} }, node));
		log.restore();
		expect(log.lines('warn')).toMatchSnapshot();
	});
});
