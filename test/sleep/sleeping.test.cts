import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import type { Execution } from '../../sandbox/editor/executionData.cts';
import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { straightWorkflow, TOKEN, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { after, asleep, items, killAndRestart, numberOf, pause, SHORT } from './sleepers.cts';

// n8n's wait tracker looks once a minute, so that all cases sleep side by side, through the same two kills of n8n.
const real = useRealN8n();

interface Case {
	workflowId: string;
	executionId: string;
	/** IDs of the runs, by the number of their item. */
	runIds: string[];
}

const cases = new Map<string, Case>();
const ended = new Map<string, Execution>();
let hanging: Sandbox;

async function start(name: string, count: number, parameters: object, node: object = {}) {
	const before = new Set(real.sandbox.runs.keys());
	const workflow = await straightWorkflow(real, name, [
		manual,
		items(count),
		{ ...dibby(parameters), ...node },
		after,
	]);
	const executionId = await real.client.run(workflow.id, manual.name);
	const started = () => [...real.sandbox.runs.values()].filter(({ id }) => !before.has(id));
	while (started().length < count) await pause(50);
	const byNumber = started().sort((a, b) => numberOf(a) - numberOf(b));
	cases.set(name, { workflowId: workflow.id, executionId, runIds: byNumber.map(({ id }) => id) });
}

/** Starts the one whose inner workflow is killed while it asks: it talks to a Dibby that does not answer then. */
async function startLost(): Promise<void> {
	hanging = await startSandbox({ token: TOKEN, stepMs: 100 });
	const data = { token: TOKEN, baseUrl: hanging.url };
	const credential = await real.client.createCredential('Hanging Dibby', 'dibbyApi', data);
	const lost = await straightWorkflow({ ...real, credential }, 'lost', [
		manual,
		items(1),
		dibby(asleep({ timeLimitDays: 0.002 })),
		after,
	]);
	const executionId = await real.client.run(lost.id, manual.name);
	while (hanging.runs.size === 0) await pause(50);
	cases.set('lost', { workflowId: lost.id, executionId, runIds: [...hanging.runs.keys()] });
}

beforeAll(async () => {
	await start('all finish', 20, asleep());
	await start('one fails', 3, asleep());
	await start('continue', 3, asleep(SHORT), { onError: 'continueRegularOutput' });
	await start('error output', 3, asleep(SHORT), { onError: 'continueErrorOutput' });
	await start(
		'return',
		2,
		asleep({ ...SHORT, options: { whenRunFails: 'return', whenTimeRunsOut: 'return' } }),
	);
	await start('stopped', 1, asleep());
	await startLost();
	for (const { executionId } of cases.values()) {
		await real.client.waitForExecution(executionId, 240_000, ['waiting']);
	}
	await real.client.stopExecution(cases.get('stopped')?.executionId ?? '');
	await killAndRestart(real);
	hanging.failOn('GET', { kind: 'hang' });
	while (hanging.inFlight === 0) await pause(50);
	await killAndRestart(real);
	for (const [name, { runIds }] of cases) {
		const [first, second, third] = runIds;
		if (name === 'all finish') runIds.forEach((id) => real.sandbox.finish(id));
		else if (name === 'one fails') {
			for (const id of [first, third]) real.sandbox.finish(id ?? '');
			real.sandbox.fail(second ?? '');
		} else if (name !== 'lost' && name !== 'stopped') {
			real.sandbox[name === 'return' ? 'fail' : 'finish'](first ?? '');
			if (name !== 'return') real.sandbox.fail(second ?? '');
		}
	}
	for (const [name, { executionId }] of cases) {
		ended.set(name, await real.client.waitForExecution(executionId, 1_200_000));
	}
}, 2_400_000);
afterAll(async () => await hanging?.close());

const found = (name: string) => ended.get(name) as Execution;
const idsOf = (name: string) => cases.get(name)?.runIds ?? [];

test('no run was started twice, through both kills', () => {
	const posts = real.sandbox.requests.filter(({ method }) => method === 'POST');
	expect(posts).toHaveLength(20 + 3 + 3 + 3 + 2 + 1);
	expect(hanging.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('twenty runs that finish give twenty items, paired', () => {
	expect(found('all finish').status).toBe('success');
	const results = nodeItems(found('all finish'), 'After').map(({ json }) => json);
	expect(results.map(({ id }) => id)).toEqual(idsOf('all finish'));
	expect(results.map(({ seen }) => seen)).toEqual(idsOf('all finish').map((_id, n) => n));
	expect(results[19]).toMatchObject({ status: 'FINISHED', output: { document: { bytes: 20 } } });
});

test("one run that fails ends the node with the error that it would have had awake, and every run's ID", () => {
	const { status, data } = found('one fails');
	expect(status).toBe('error');
	expect(data?.resultData.error?.message).toMatch(/^The Dibby run failed/);
	for (const id of idsOf('one fails')) expect(data?.resultData.error?.description).toContain(id);
});

test('with On Error: Continue, each item has its result or its error', () => {
	const results = nodeItems(found('continue'), 'After').map(({ json }) => json);
	const [finished, failed, late] = idsOf('continue');
	expect(results.map(({ seen }) => seen)).toEqual([0, 1, 2]);
	expect(results).toMatchObject([
		{ id: finished, status: 'FINISHED' },
		{ error: { dibbyRunId: failed } },
		{ error: { dibbyRunId: late } },
	]);
	expect(results[1]?.message).toMatch(/^The Dibby run failed/);
	expect(results[2]?.message).toMatch(/^The Dibby run is still in progress/);
});

test('the error output gets the items that failed', () => {
	const [finished, failed, late] = idsOf('error output');
	expect(nodeItems(found('error output'), 'Dibby').map(({ json }) => json.id)).toEqual([finished]);
	const errors = nodeItems(found('error output'), 'Dibby', 1).map(({ json }) => json.error);
	expect(errors).toMatchObject([{ dibbyRunId: failed }, { dibbyRunId: late }]);
});

test('runs that failed or are late are returned where the user wants that', () => {
	const results = nodeItems(found('return'), 'After').map(({ json }) => json);
	const [failed, late] = idsOf('return');
	expect(results).toMatchObject([
		{ id: failed, status: 'FAILED', seen: 0 },
		{ id: late, status: 'RUNNING', seen: 1 },
	]);
});

test('a sleeping execution that is stopped stays stopped', () => {
	expect(found('stopped').status).toBe('canceled');
	expect(found('stopped').data?.resultData.metadata?.dibbyRunId).toBe(idsOf('stopped')[0]);
});

test('where n8n was killed while it asked, the execution goes on at its time limit, with the ID', () => {
	expect(found('lost').status).toBe('success');
	const [item] = nodeItems(found('lost'), 'After');
	expect(item?.json).toMatchObject({ seen: 0, error: { dibbyRunId: idsOf('lost')[0] } });
});
