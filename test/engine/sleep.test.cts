import type { INodeExecutionData } from 'n8n-workflow';

import { clock } from '../../dist/nodes/Dibby/clock.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { INNER_NODE_TYPES } from '../../dist/nodes/Dibby/waiting/innerWorkflow.js';
import { getRun, triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// What comes after falling asleep needs a whole n8n: test/sleep.
const suite = useSuite();
const SLEEP = { waitForCompletion: true, whileWaiting: 'sleep', specifyInputs: 'item' };

interface SleepingRuns {
	runs: Array<{ item: number; runId: string; status: string; error?: { message: string } }>;
}
/** What n8n was given for its inner workflows. */
let asleep: SleepingRuns[] = [];
let refusal: string | undefined;
const sleepy = useSuite(
	{},
	{
		subWorkflows: {
			nodeTypes: INNER_NODE_TYPES,
			execute: async (_workflow, _data, { inputData }) => {
				if (refusal !== undefined) throw new Error(refusal);
				const [item] = inputData as INodeExecutionData[];
				asleep.push(item?.json as unknown as SleepingRuns);
				return await Promise.resolve({
					executionId: '2',
					data: [[{ json: {} }]],
					waitTill: new Date(Date.now() + 70_000),
				});
			},
		},
	},
);
beforeEach(() => {
	asleep = [];
	refusal = undefined;
});

/** One item for each workflow, and what the sandbox's workflow wants. */
const job = (
	workflows: Array<keyof typeof WORKFLOWS>,
	node: object = {},
	parameters: object = {},
) => ({
	items: workflows.map((name) => ({
		json: {
			workflow: WORKFLOWS[name].id,
			inputs: name === 'approval' ? { document: 'data:application/pdf;base64,eA==' } : {},
		},
	})),
	steps: [
		triggerRun(
			'={{ $json.workflow }}',
			{
				...SLEEP,
				specifyInputs: 'json',
				jsonInputs: '={{ $json.inputs.toJsonString() }}',
				...parameters,
			},
			node,
		),
	],
});
const CONTINUE = { onError: 'continueRegularOutput' as const };

test('where n8n refuses to sleep, runs that are over have their results all the same', async () => {
	refusal = 'No workflow may be called here';
	const { items } = await sleepy.engine.run(job(['echo', 'approval', 'failing'], CONTINUE));
	const [finished, waiting, failed] = [...sleepy.sandbox.runs.keys()];
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	expect(items.map(({ json }) => json)).toMatchObject([
		{ id: finished, status: 'FINISHED' },
		{ message: 'n8n could not put the execution to sleep', error: { runId: waiting } },
		{ message: 'The Dibby run failed after 2 of 5 steps', error: { runId: failed } },
	]);
	expect(items[1]?.json.error).toMatchObject({
		description: expect.stringContaining('No workflow may be called here') as string,
	});
});

test('where n8n refuses to sleep, a node that stops names every run', async () => {
	refusal = 'No workflow may be called here';
	const { error } = await sleepy.engine.run(job(['echo', 'approval']));
	expect(error?.message).toBe('n8n could not put the execution to sleep [item 1]');
	for (const id of sleepy.sandbox.runs.keys()) expect(error?.description).toContain(id);
});

test('an item whose expression fails sleeps along as an error, since n8n forgets its own', async () => {
	const workflow = '={{ $itemIndex === 1 ? $("Nowhere").item.json.x : $json.workflow }}';
	const { run } = await sleepy.engine.run(
		job(['echo', 'echo', 'approval'], CONTINUE, {
			workflow: { __rl: true, mode: 'id', value: workflow },
		}),
	);
	expect(run.status).toBe('waiting');
	expect(asleep.map(({ runs }) => runs.map(({ item }) => item))).toEqual([[0, 1, 2]]);
	expect(asleep[0]?.runs[1]?.error?.message).toBe('An expression of the node failed for this item');
});

test.each([
	['Trigger Run', () => Promise.resolve(job(['approval'], {}, { timeLimitDays: 0.01 }))],
	[
		'Get Run',
		async () => {
			await sleepy.engine.run(job(['approval'], {}, { waitForCompletion: false }));
			const [id = ''] = [...sleepy.sandbox.runs.keys()];
			return { steps: [getRun(id, { ...SLEEP, timeLimitDays: 0.01 })] };
		},
	],
])('%s falls asleep after a minute also when Dibby is out of reach', async (_name, prepare) => {
	const prepared = await prepare();
	sleepy.sandbox.setFaults([{ name: 'trouble', on: 'GET', fault: { status: 500 } }]);
	const before = sleepy.clock.pauses.length;
	const { run } = await sleepy.engine.run(prepared);
	expect(run.status).toBe('waiting');
	expect(asleep[0]?.runs.map(({ runId }) => runId)).toEqual([...sleepy.sandbox.runs.keys()]);
	const awakeMs = sleepy.clock.pauses.slice(before).reduce((sum, pause) => sum + pause, 0);
	expect(awakeMs).toBeLessThan(120_000);
});

test.each([1, 2, 3, 4])(
	'a run whose Time Limit is up at the look %d at the clock is not lost',
	async (look) => {
		const began = Date.now();
		let looks = 0;
		clock.date = () => began + (looks++ < look ? 0 : 864_000);
		const parameters = { timeLimitDays: 0.01, options: { whenTimeRunsOut: 'return' } };
		const { items } = await sleepy.engine.run(job(['approval'], {}, parameters));
		expect(items.map(({ json }) => json.id)).toEqual([...sleepy.sandbox.runs.keys()]);
	},
);

test('Retry On Fail does not execute a sleeping node again when its first item has failed', async () => {
	const { run, items } = await sleepy.engine.run(
		job(
			['failing', 'approval'],
			{ ...CONTINUE, retryOnFail: true, waitBetweenTries: 0 },
			{
				workflow: {
					__rl: true,
					mode: 'id',
					value: '={{ $itemIndex === 0 ? "wrong" : $json.workflow }}',
				},
			},
		),
	);
	expect(run.status).toBe('waiting');
	expect(asleep).toHaveLength(1);
	expect(items[0]?.json).toMatchObject({ status: '', message: expect.any(String) as string });
	expect(asleep[0]?.runs[0]?.error?.message).toBeDefined();
});

/** A credential that somebody spoils while the execution sleeps. */
let baseUrl: string | undefined;
const spoilt = useSuite(
	{},
	{ credential: () => ({ token: TOKEN, baseUrl: baseUrl ?? spoilt.sandbox.url }) },
);

describe('inside the inner workflow, with a credential that is wrong now', () => {
	const completion = {
		waits: true,
		timeLimitMs: 60_000,
		whenRunFails: 'error',
		whenTimeRunsOut: 'error',
		requestsAtOnce: 1,
	};
	const state = {
		runs: ['run_1', 'run_2'].map((runId, item) => ({
			item,
			runId,
			status: 'RUNNING',
			isOver: false,
			isStartedHere: true,
			completion,
		})),
		began: Date.now(),
		polls: 3,
		sleepSeconds: 65,
		isOver: false,
	};
	const step = async (sleepStep: string) =>
		await spoilt.engine.run({
			items: [{ json: state }],
			steps: [getRun('unused', { sleepStep })],
		});
	beforeEach(() => {
		baseUrl = 'ftp://nowhere';
	});

	test('a poll changes nothing, so that the credential can be mended', async () => {
		const { items } = await step('poll');
		expect(items[0]?.json).toMatchObject({ runs: state.runs, polls: 4, isOver: false });
	});

	test("the end gives each item its error and its run's ID", async () => {
		const { items } = await step('finishAll');
		expect(items.map(({ json }) => json.error)).toMatchObject([
			{ runId: 'run_1' },
			{ runId: 'run_2' },
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	});

	test('the end of a node that stops is one error that names every run', async () => {
		const { error } = await step('finish');
		expect(error?.message).toContain('Base URL');
		for (const id of ['run_1', 'run_2']) expect(error?.description).toContain(id);
	});
});

test.each([
	['Trigger Run', triggerRun(WORKFLOWS.echo.id, SLEEP)],
	['Get Run', getRun('run_1', SLEEP)],
])(
	'where n8n lacks the nodes that sleeping needs, %s says so and sends nothing',
	async (_name, step) => {
		const { error } = await suite.engine.run({ steps: [step] });
		expect(error?.message).toBe('This n8n lacks a node that sleeping needs');
		expect(error?.description).toBe(
			'It was switched off here: n8n-nodes-base.executeWorkflowTrigger, n8n-nodes-base.wait, n8n-nodes-base.switch, n8n-nodes-base.stopAndError. Set While Waiting to Stay Active. Nothing was sent to Dibby.',
		);
		expect(suite.sandbox.requests).toHaveLength(0);
	},
);

const ofItem = useSuite(
	{},
	{
		subWorkflows: {
			nodeTypes: INNER_NODE_TYPES,
			execute: async () => await Promise.reject(new Error('No')),
		},
		credential: () => ({
			token: `={{ $json.n === 0 && '${TOKEN}' }}`,
			baseUrl: ofItem.sandbox.url,
		}),
	},
);

test('a credential that is an expression of the item is refused: the inner workflow has other items', async () => {
	const { error } = await ofItem.engine.run({
		items: [{ json: { n: 0 } }],
		steps: [triggerRun(WORKFLOWS.echo.id, SLEEP)],
	});
	expect(error?.message).toBe('A node whose credential depends on the item can not sleep');
	expect(error?.description).toContain('Set While Waiting to Stay Active. Nothing was sent');
	expect(ofItem.sandbox.requests).toHaveLength(0);
});

test('an execution that n8n is going to end before Time Limit is refused, wherever its time-out was set', async () => {
	const timesOutAt = Date.now() + 3_600_000;
	const { error } = await sleepy.engine.run({ ...job(['approval']), timesOutAt });
	expect(error?.message).toBe("The workflow's own time-out is shorter than Time Limit");
	expect(error?.description).toContain('Nothing was sent to Dibby.');
	expect(sleepy.sandbox.requests).toHaveLength(0);
	const short = job(['approval'], {}, { timeLimitDays: 0.01 });
	expect((await sleepy.engine.run({ ...short, timesOutAt })).run.status).toBe('waiting');
});

test('the inner workflow does nothing when n8n has gone on without it, after a long time in which it was down', async () => {
	const completion = {
		waits: true,
		timeLimitMs: 60_000,
		whenTimeRunsOut: 'error',
		requestsAtOnce: 1,
	};
	const runs = [
		{ item: 0, runId: 'run_1', status: 'RUNNING', isOver: false, isStartedHere: true, completion },
	];
	const state = { runs, began: Date.now() - 3_600_000, polls: 3, sleepSeconds: 65, isOver: true };
	const { items } = await suite.engine.run({
		items: [{ json: state }],
		steps: [getRun('unused', { sleepStep: 'finishAll' })],
	});
	expect(items).toMatchObject([{ json: { error: { runId: 'run_1' } }, pairedItem: { item: 0 } }]);
	expect(JSON.stringify(items)).toContain('somebody stopped the execution that asks for it');
	expect(suite.sandbox.requests).toEqual([]);
});

test.each([0, -1, 'soon', 1e12])('a Time Limit of %j days is refused', async (timeLimitDays) => {
	const { error } = await suite.engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { ...SLEEP, timeLimitDays })],
	});
	expect(error?.message).toBe(
		'Time Limit must be a number above zero, and at most a hundred years',
	);
	expect(suite.sandbox.requests).toHaveLength(0);
});
