import type { INodeExecutionData } from 'n8n-workflow';

import { clock } from '../../dist/nodes/Dibby/clock.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { HELPER_NODE_TYPES } from '../../dist/nodes/Dibby/sleep/helperWorkflow.js';
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
			nodeTypes: HELPER_NODE_TYPES,
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
		{ message: "n8n couldn't put the execution to sleep", error: { dibbyRunId: waiting } },
		{ message: 'The Dibby run failed after 2 of 5 steps', error: { dibbyRunId: failed } },
	]);
	expect(items[1]?.json.error).toMatchObject({
		description: expect.stringContaining('No workflow may be called here') as string,
	});
});

test('where n8n refuses to sleep, a node that stops names every run', async () => {
	refusal = 'No workflow may be called here';
	const { error } = await sleepy.engine.run(job(['echo', 'approval']));
	expect(error?.message).toBe("n8n couldn't put the execution to sleep [item 1]");
	for (const id of sleepy.sandbox.runs.keys()) expect(error?.description).toContain(id);
});

test('an item whose expression fails sleeps along as an error', async () => {
	const workflow = '={{ $itemIndex === 1 ? $("Nowhere").item.json.x : $json.workflow }}';
	const { run } = await sleepy.engine.run(
		job(['echo', 'echo', 'approval'], CONTINUE, {
			workflow: { __rl: true, mode: 'id', value: workflow },
		}),
	);
	expect(run.status).toBe('waiting');
	expect(asleep.map(({ runs }) => runs.map(({ item }) => item))).toEqual([[0, 1, 2]]);
	expect(asleep[0]?.runs[1]?.error?.message).toMatch(/Nowhere|node/);
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

test('a run that ends before the execution would sleep has its documents', async () => {
	const { items } = await sleepy.engine.run({
		steps: [
			triggerRun(WORKFLOWS.report.id, {
				...SLEEP,
				specifyInputs: 'json',
				jsonInputs: '{"title": "Report", "rows": [1]}',
				output: 'output',
			}),
		],
	});
	expect(asleep).toEqual([]);
	const [{ binary = {} } = {}] = items;
	expect(Object.values(binary).map(({ mimeType }) => mimeType)).toContain('application/pdf');
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

/** A credential that somebody breaks while the execution sleeps. */
let baseUrl: string | undefined;
const helper = useSuite(
	{},
	{ credential: () => ({ token: TOKEN, baseUrl: baseUrl ?? helper.sandbox.url }) },
);

describe('inside the helper workflow', () => {
	const HOUR = 3_600_000;
	const completion = {
		waits: true,
		timeLimitMs: 24 * HOUR,
		whenRunFails: 'error',
		whenTimeRunsOut: 'error',
		maxParallelRequests: 1,
	};
	const stateOf = (runIds: string[], more: object = {}) => ({
		runs: runIds.map((runId, item) => ({
			item,
			runId,
			status: 'RUNNING',
			hasEnded: false,
			isStartedHere: true,
			completion,
		})),
		began: Date.now() - HOUR,
		polls: 3,
		sleepSeconds: 65,
		hasEnded: false,
		...more,
	});
	const step = async (sleepStep: string, state: object) =>
		await helper.engine.run({
			items: [{ json: state as never }],
			steps: [getRun('unused', { sleepStep })],
		});
	const startedRun = async (workflow: keyof typeof WORKFLOWS) => {
		await helper.engine.run(job([workflow], {}, { waitForCompletion: false }));
		return [...helper.sandbox.runs.keys()].at(-1) ?? '';
	};
	const gone = (runIds: string[]) => stateOf(runIds, { began: Date.now() - 24 * HOUR - 1 });
	beforeEach(() => {
		baseUrl = undefined;
		clock.processAge = () => HOUR;
	});

	test('a failed check changes nothing, so that a broken credential can be fixed', async () => {
		baseUrl = 'ftp://nowhere';
		const state = stateOf(['run_1', 'run_2']);
		const { items } = await step('poll', state);
		expect(items[0]?.json).toMatchObject({ runs: state.runs, polls: 4, hasEnded: false });
	});

	test.each(['finish', 'finishAll'])(
		'while there is time left, "%s" sleeps again if Dibby is out of reach',
		async (name) => {
			const runId = await startedRun('echo');
			helper.sandbox.setFaults([{ name: 'down', on: 'GET', fault: { status: 503 } }]);
			const { items, error } = await step(name, stateOf([runId], { hasEnded: true }));
			expect(error).toBeUndefined();
			expect(items[0]?.json).toMatchObject({ runs: [{ runId, hasEnded: false }], hasEnded: false });
		},
	);

	test('while there is time left, a run that a stale server calls unfinished is checked again', async () => {
		const runId = await startedRun('approval');
		const state = stateOf([runId], { hasEnded: true });
		const { items } = await step('finish', {
			...state,
			runs: state.runs.map((run) => ({ ...run, status: 'FINISHED', hasEnded: true })),
		});
		expect(items[0]?.json).toMatchObject({
			isDibbySleepState: true,
			runs: [{ runId, hasEnded: false }],
			hasEnded: false,
		});
	});

	test('right after n8n has started, no execution is resumed: n8n repairs them then', async () => {
		clock.processAge = () => 5_000;
		const runId = await startedRun('echo');
		const before = helper.sandbox.requests.length;
		const { items } = await step('finish', stateOf([runId], { hasEnded: true }));
		expect(items[0]?.json).toMatchObject({ isDibbySleepState: true, sleepSeconds: 65 });
		expect(helper.sandbox.requests).toHaveLength(before);
	});

	test("after the time limit, each item gets its error and its run's ID", async () => {
		baseUrl = 'ftp://nowhere';
		const { items } = await step('finishAll', gone(['run_1', 'run_2']));
		expect(items.map(({ json }) => json.error)).toMatchObject([
			{ dibbyRunId: 'run_1' },
			{ dibbyRunId: 'run_2' },
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	});

	test('after the time limit, a node that stops on errors names every run', async () => {
		baseUrl = 'ftp://nowhere';
		const { error } = await step('finish', gone(['run_1', 'run_2']));
		expect(error?.message).toContain('Base URL');
		for (const id of ['run_1', 'run_2']) expect(error?.description).toContain(id);
	});

	test('nothing is sent after n8n has continued without the helper', async () => {
		const state = stateOf(['run_1'], { began: Date.now() - 48 * HOUR });
		const { items } = await step('finishAll', state);
		expect(items).toMatchObject([
			{ json: { error: { dibbyRunId: 'run_1' } }, pairedItem: { item: 0 } },
		]);
		expect(JSON.stringify(items)).toContain('someone stopped the helper execution');
		expect(helper.sandbox.requests).toEqual([]);
	});

	test('a step that this version of the package does not know says that the package is too old', async () => {
		const { error } = await step('pollLater', stateOf(['run_1']));
		expect(error?.message).toBe('A newer version of this package put the execution to sleep');
		expect(helper.sandbox.requests).toEqual([]);
	});
});

test.each([
	['Trigger Run', triggerRun(WORKFLOWS.echo.id, SLEEP)],
	['Get Run', getRun('run_1', SLEEP)],
])(
	'where n8n lacks the nodes that sleeping needs, %s says so and sends nothing',
	async (_name, step) => {
		const { error } = await suite.engine.run({ steps: [step] });
		expect(error?.message).toBe("'Sleep' needs a node that's turned off on this n8n instance");
		expect(error?.description).toBe(
			`Turned off: ${HELPER_NODE_TYPES.join(', ')}. Set 'While Waiting' to 'Stay Active'. Nothing was sent to Dibby.`,
		);
		expect(suite.sandbox.requests).toHaveLength(0);
	},
);

test('Request Options that depend on the item are refused: the helper workflow has other items', async () => {
	const requestOptions = { proxy: '={{ $json.proxy }}' };
	const { error } = await sleepy.engine.run({
		items: [{ json: { proxy: 'http://localhost:9' } }],
		steps: [triggerRun(WORKFLOWS.echo.id, { ...SLEEP, requestOptions })],
	});
	expect(error?.message).toBe("'Sleep' doesn't support 'Request Options' that depend on the item");
	expect(error?.description).toContain('Nothing was sent to Dibby.');
	expect(sleepy.sandbox.requests).toHaveLength(0);
});

test('an execution that n8n is going to end before Time Limit is refused, wherever its timeout was set', async () => {
	const timesOutAt = Date.now() + 3_600_000;
	const { error } = await sleepy.engine.run({ ...job(['approval']), timesOutAt });
	expect(error?.message).toBe("The workflow's timeout is shorter than 'Time Limit'");
	expect(error?.description).toContain('Nothing was sent to Dibby.');
	expect(sleepy.sandbox.requests).toHaveLength(0);
	const short = job(['approval'], {}, { timeLimitDays: 0.01 });
	expect((await sleepy.engine.run({ ...short, timesOutAt })).run.status).toBe('waiting');
});

test.each([0, -1, 'soon', 1e12])('a Time Limit of %j days is refused', async (timeLimitDays) => {
	const { error } = await suite.engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { ...SLEEP, timeLimitDays })],
	});
	expect(error?.message).toBe("'Time Limit' must be greater than 0 and at most 100 years");
	expect(suite.sandbox.requests).toHaveLength(0);
});
