import type { INodeExecutionData } from 'n8n-workflow';

import { clock } from '../../dist/nodes/Dibby/clock.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { SleepingRun } from '../../dist/nodes/Dibby/sleep/sleepState.js';
import { HELPER_NODE_TYPES } from '../../dist/nodes/Dibby/sleep/helperWorkflow.js';
import { getRun, triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// What comes after falling asleep needs a whole n8n: test/sleep. The refusals are in messagesOfSleep.test.cts.
const SLEEP = { waitForCompletion: true, whileWaiting: 'sleep', specifyInputs: 'item' };

interface SleepingRuns {
	runs: Array<Partial<SleepingRun> & { item: number; runId: string }>;
}
/** What n8n was given for its inner workflows. */
let asleep: SleepingRuns[] = [];
let refusal: string | undefined;
/** A credential that somebody breaks while the execution sleeps. */
let baseUrl: string | undefined;
let isDeleted = false;
const suite = useSuite(
	{},
	{
		credential: () => {
			if (isDeleted) throw new Error('Credential with ID "1" does not exist');
			return { token: TOKEN, baseUrl: baseUrl ?? suite.sandbox.url };
		},
		subWorkflows: {
			nodeTypes: HELPER_NODE_TYPES,
			execute: async (_workflow, _data, { inputData }) => {
				if (refusal !== undefined) throw new Error(refusal);
				const [item] = inputData as INodeExecutionData[];
				asleep.push(item?.json as unknown as SleepingRuns);
				const waitTill = new Date(Date.now() + 70_000);
				return { executionId: '2', data: [[{ json: {} }]], waitTill };
			},
		},
	},
);
beforeEach(() => {
	asleep = [];
	refusal = undefined;
	baseUrl = undefined;
	isDeleted = false;
});

const CONTINUE = { onError: 'continueRegularOutput' as const };
const NO_TIME = { timeLimitDays: 0.01 };

/** Runs one item for each of these workflows, with the inputs that it wants. */
async function start(
	workflows: Array<keyof typeof WORKFLOWS>,
	parameters: object = {},
	node: object = {},
) {
	const inputs = { document: 'data:application/pdf;base64,eA==' };
	const items = workflows.map((name) => ({
		json: { workflow: WORKFLOWS[name].id, inputs: name === 'approval' ? inputs : {} },
	}));
	const json = { specifyInputs: 'json', jsonInputs: '={{ $json.inputs.toJsonString() }}' };
	const given = { ...SLEEP, ...json, ...parameters };
	return await suite.engine.run(triggerRun('={{ $json.workflow }}', given, node), { items });
}
const byExpression = (value: string) => ({ workflow: { __rl: true, mode: 'id', value } });

test('where n8n refuses to sleep, runs that are over have their results all the same, and a node that stops names every run', async () => {
	refusal = 'No workflow may be called here';
	const { error } = await start(['echo', 'approval']);
	expect(error?.message).toBe("n8n couldn't put the execution to sleep [item 1]");
	const started = suite.sandbox.runIds;
	for (const id of started) expect(error?.description).toContain(id);
	const { items } = await start(['echo', 'approval', 'failing'], {}, CONTINUE);
	const [finished, waiting, failed] = suite.sandbox.runIds.slice(started.length);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	expect(items.map(({ json }) => json)).toMatchObject([
		{ id: finished, status: 'FINISHED' },
		{ message: "n8n couldn't put the execution to sleep", error: { dibbyRunId: waiting } },
		{ message: 'The Dibby run failed after 2 of 5 steps', error: { dibbyRunId: failed } },
	]);
	expect((items[1]?.json.error as Error & { description: string }).description).toContain(refusal);
});

test('an item whose expression fails sleeps along as an error', async () => {
	const workflow = '={{ $itemIndex === 1 ? $("Nowhere").item.json.x : $json.workflow }}';
	const { run } = await start(['echo', 'echo', 'approval'], byExpression(workflow), CONTINUE);
	expect(run.status).toBe('waiting');
	expect(asleep.map(({ runs }) => runs.map(({ item }) => item))).toEqual([[0, 1, 2]]);
	expect(asleep[0]?.runs[1]?.error?.message).toMatch(/Nowhere|node/);
});

test('each run that sleeps along tells whether it still has to be checked', async () => {
	const given = { waitForCompletion: '={{ $itemIndex !== 3 }}', options: { keepSource: 'json' } };
	suite.sandbox.failOn('POST', { status: 422 }, 5);
	await start(['echo', 'failing', 'approval', 'approval', 'echo'], given, CONTINUE);
	const ids = suite.sandbox.runIds;
	expect(asleep[0]?.runs).toMatchObject([
		{ item: 0, runId: ids[0], status: 'FINISHED', hasEnded: true, isStartedHere: true },
		{ item: 1, runId: ids[1], status: 'FAILED', hasEnded: true, isStartedHere: true },
		{ item: 2, runId: ids[2], status: 'RUNNING', hasEnded: false, isStartedHere: true },
		{ item: 3, runId: ids[3], status: 'PENDING', hasEnded: true, isStartedHere: true },
		{ item: 4, runId: '', status: '', hasEnded: true, error: { httpStatus: 422 } },
	]);
	expect(asleep[0]?.runs[2]?.source?.item.json).toHaveProperty('workflow');
	await suite.engine.run(getRun(ids[2] ?? '', SLEEP));
	expect(asleep[1]?.runs).toMatchObject([{ runId: ids[2], isStartedHere: false }]);
});

test.each(['Trigger Run', 'Get Run'])('%s falls asleep without Dibby', async (operation) => {
	if (operation === 'Get Run') await start(['approval'], { waitForCompletion: false });
	const [id = ''] = suite.sandbox.runIds;
	suite.sandbox.failOn('GET', { status: 500 });
	const before = suite.clock.pauses.length;
	const { run } =
		operation === 'Get Run'
			? await suite.engine.run(getRun(id, { ...SLEEP, ...NO_TIME }))
			: await start(['approval'], NO_TIME);
	expect(run.status).toBe('waiting');
	expect(asleep[0]?.runs.map(({ runId }) => runId)).toEqual(suite.sandbox.runIds);
	const awakeMs = suite.clock.pauses.slice(before).reduce((sum, pause) => sum + pause, 0);
	expect(awakeMs).toBeLessThan(120_000);
});

test('a run that Dibby refuses to return in the first minute ends before the execution would sleep', async () => {
	suite.sandbox.failOn('GET', { status: 403 }, 2);
	const { items } = await start(['approval'], {}, CONTINUE);
	expect(asleep).toEqual([]);
	expect(items[0]?.json.error).toMatchObject({ dibbyRunId: suite.sandbox.runIds[0] });
});

test('a run that ends before the execution would sleep has its documents', async () => {
	const step = triggerRun(WORKFLOWS.report.id, { ...SLEEP, output: 'output' });
	const job = { items: [{ json: { title: 'Report', rows: [1] } }] };
	const { items } = await suite.engine.run(step, job);
	expect(asleep).toEqual([]);
	const [{ binary = {} } = {}] = items;
	expect(Object.values(binary).map(({ mimeType }) => mimeType)).toContain('application/pdf');
});

test.each([1, 2, 3, 4])('a run whose Time Limit is up at look %d is kept', async (look) => {
	const began = Date.now();
	let looks = 0;
	clock.date = () => began + (looks++ < look ? 0 : 864_000);
	const options = { whenTimeRunsOut: 'return' };
	const { items } = await start(['approval'], { ...NO_TIME, options });
	expect(items.map(({ json }) => json.id)).toEqual(suite.sandbox.runIds);
});

test('Retry On Fail does not execute a sleeping node again when its first item has failed', async () => {
	const { run, items } = await start(
		['failing', 'approval'],
		byExpression('={{ $itemIndex === 0 ? "wrong" : $json.workflow }}'),
		{ ...CONTINUE, retryOnFail: true, waitBetweenTries: 0 },
	);
	expect(run.status).toBe('waiting');
	expect(asleep).toHaveLength(1);
	expect(items[0]?.json).toMatchObject({ status: '', message: expect.any(String) as string });
	expect(asleep[0]?.runs[0]?.error?.message).toBeDefined();
});

describe('inside the helper workflow', () => {
	const HOUR = 3_600_000;
	const completion = {
		waits: true,
		timeLimitMs: 24 * HOUR,
		whenRunFails: 'error',
		whenTimeRunsOut: 'error',
		maxParallelRequests: 1,
	};
	const run = { status: 'RUNNING', hasEnded: false, isStartedHere: true, completion };
	const stateOf = (runIds: string[], more: object = {}) => ({
		runs: runIds.map((runId, item) => ({ ...run, item, runId })),
		began: Date.now() - HOUR,
		polls: 3,
		sleepSeconds: 66,
		hasEnded: false,
		...more,
	});
	const step = async (sleepStep: string, state: object) =>
		await suite.engine.run(getRun('unused', { sleepStep }), { items: [{ json: state as never }] });
	const startedRun = async (workflow: keyof typeof WORKFLOWS) => {
		await start([workflow], { waitForCompletion: false });
		return suite.sandbox.runIds.at(-1) ?? '';
	};
	const gone = (runIds: string[]) => stateOf(runIds, { began: Date.now() - 24 * HOUR - 1 });
	beforeEach(() => {
		clock.processAge = () => HOUR;
	});

	test('a failed check changes nothing, so that a broken credential can be fixed', async () => {
		baseUrl = 'ftp://nowhere';
		const state = stateOf(['run_1', 'run_2']);
		const { items } = await step('poll', state);
		expect(items[0]?.json).toMatchObject({ runs: state.runs, polls: 4, hasEnded: false });
	});

	test('a check that cannot read the credential fails, so that n8n counts it, but not after the time limit, so that the wait ends before n8n continues without it', async () => {
		isDeleted = true;
		const { error } = await step('poll', stateOf(['run_1', 'run_2']));
		expect(error?.message).toBe('Credential with ID "1" does not exist');
		const { items } = await step('poll', gone(['run_1']));
		expect(items[0]?.json).toMatchObject({ hasEnded: true });
	});

	test.each(['finish', 'finishAll'])('in time, "%s" sleeps again without Dibby', async (name) => {
		const runId = await startedRun('echo');
		suite.sandbox.failOn('GET', { status: 503 });
		const { items, error } = await step(name, stateOf([runId], { hasEnded: true }));
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ runs: [{ runId, hasEnded: false }], hasEnded: false });
	});

	test('a result that is too large ends the wait', async () => {
		const runId = await startedRun('echo');
		suite.sandbox.failOn('GET', { kind: 'hugeBody', bytes: 300 * 1024 * 1024 });
		const { error } = await step('finish', stateOf([runId], { hasEnded: true }));
		expect(error?.message).toBe("Dibby's response is too large");
	});

	test('while there is time left, a run that a stale server calls unfinished is checked again', async () => {
		const runId = await startedRun('approval');
		const runs = [{ ...run, item: 0, runId, status: 'FINISHED', hasEnded: true }];
		const { items } = await step('finish', stateOf([], { runs, hasEnded: true }));
		const expected = { runs: [{ runId, hasEnded: false }], hasEnded: false };
		expect(items[0]?.json).toMatchObject({ isDibbySleepState: true, ...expected });
	});

	test('right after n8n has started, no execution is resumed: n8n repairs them then', async () => {
		clock.processAge = () => 5_000;
		const runId = await startedRun('echo');
		const before = suite.sandbox.requests.length;
		const { items } = await step('finish', stateOf([runId], { hasEnded: true }));
		expect(items[0]?.json).toMatchObject({ isDibbySleepState: true, sleepSeconds: 66 });
		expect(suite.sandbox.requests).toHaveLength(before);
	});

	test.each([-1, 100])('but the helper ends %d s before n8n continues alone', async (seconds) => {
		clock.processAge = () => 5_000;
		const began = Date.now() - 25 * HOUR + seconds * 1_000;
		const { items } = await step('finishAll', stateOf(['run_1'], { began, hasEnded: true }));
		expect(items).toMatchObject([{ json: { error: { dibbyRunId: 'run_1' } } }]);
	});

	test("after the time limit, each item gets its error and its run's ID, and a node that stops on errors names every run", async () => {
		baseUrl = 'ftp://nowhere';
		const ids = ['run_1', 'run_2'];
		const { items } = await step('finishAll', gone(ids));
		const errors = ids.map((dibbyRunId) => ({ dibbyRunId }));
		expect(items.map(({ json }) => json.error)).toMatchObject(errors);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		const { error } = await step('finish', gone(ids));
		expect(error?.message).toContain('Base URL');
		for (const id of ids) expect(error?.description).toContain(id);
	});

	const FILES = { documentsAsFiles: true, outputOnly: true };
	const withEach = (runIds: string[], ...more: object[]) => {
		const state = stateOf(runIds, { hasEnded: true });
		return { ...state, runs: state.runs.map((one, index) => ({ ...one, ...more[index] })) };
	};

	test('a check notes which runs have ended, and which Dibby refuses to return', async () => {
		const ids = [await startedRun('echo'), await startedRun('approval'), 'run_unknown', 'run_4'];
		const skipped = { hasEnded: true, status: 'FINISHED' };
		let state: object = withEach(ids, {}, {}, {}, skipped);
		for (let check = 0; check < 3; check++) {
			const { items } = await step('poll', state);
			state = items[0]?.json ?? {};
		}
		expect(state).toMatchObject({
			runs: [
				{ status: 'FINISHED', hasEnded: true },
				{ status: 'RUNNING', hasEnded: false },
				{ hasEnded: true, error: { httpStatus: 404, runId: 'run_unknown' } },
				skipped,
			],
			polls: 6,
			hasEnded: false,
		});
		const paths = suite.sandbox.requests.map(({ path }) => path).join();
		expect(paths).not.toContain('run_4');
	});

	test('results come with their documents, next to the errors of other items', async () => {
		const report = { specifyInputs: 'json', jsonInputs: '{"title": "Report", "rows": [1]}' };
		await suite.engine.run(triggerRun(WORKFLOWS.report.id, report));
		const [runId = ''] = suite.sandbox.runIds;
		const error = { message: 'Rejected', description: 'No run was started.' };
		const source = { item: { json: { n: 1 } }, keep: 'json' } as const;
		const state = withEach(
			[runId, '', runId],
			{ completion: { ...completion, ...FILES } },
			{ error, field: 'a' },
			{ completion: { ...completion, outputOnly: true }, source },
		);
		await step('poll', state);
		const { items } = await step('finishAll', state);
		expect(Object.values(items[0]?.binary ?? {})).toHaveLength(2);
		expect(items[1]?.json).toMatchObject({ message: 'Rejected', error: { binaryField: 'a' } });
		expect(items[2]?.json).toMatchObject({ n: 1, title: 'Report' });
		expect(items[2]?.binary).toBeUndefined();
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});

	test('the error that stops the node names the item and the runs that the node started', async () => {
		const failed = { error: { message: 'Rejected', description: 'Words.' } };
		const inFile = { ...failed, field: 'a' };
		const state = withEach(['run_1', 'run_2', ''], inFile, { isStartedHere: false });
		const { error } = await step('finish', state);
		expect(error?.message).toBe('Rejected [item 0, a]');
		expect(error?.description).toBe(
			"Words. Runs started by this node: item 0 (a): run_1. Use 'Get Run' to get them.",
		);
		const single = await step('finish', withEach(['run_1'], failed));
		expect(single.error?.message).toBe('Rejected');
	});
});
