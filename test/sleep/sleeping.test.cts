import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { TOKEN, useRealN8n, withCredential } from '../e2e/realN8n.cts';
import { dibby } from '../e2e/sketches.cts';
import { Cases } from './cases.cts';
import type { Case } from './cases.cts';
import { after, asleep, killAndRestart, pause, SHORT } from './sleepers.cts';

// n8n's wait tracker looks once a minute, so that all cases sleep side by side, through the same two kills of n8n.
const real = useRealN8n();

let cases: Cases;
/** A Dibby that does not answer when n8n is killed. */
let hanging: Sandbox;
/** Whether both kills are over, so that the runs may end. */
let isOver = false;

/** What the person decides for the runs of a case, once that may be. */
const decide =
	(...verdicts: Array<ReturnType<Case['decide']>>): Case['decide'] =>
	(item) =>
		isOver ? verdicts[item] : undefined;

beforeAll(async () => {
	cases = new Cases(real);
	hanging = await startSandbox({ token: TOKEN, stepMs: 100 });
	const finish = Array<'finish'>(20).fill('finish');
	const returns = { options: { whenRunFails: 'return', whenTimeRunsOut: 'return' } };
	const start = async (
		name: string,
		count: number,
		decisions: Case['decide'],
		parameters: object = {},
		node: object = {},
	) =>
		await cases.start(name, [dibby(asleep(parameters), node), after], { count, decide: decisions });
	await start('all finish', 20, decide(...finish));
	await start('one fails', 3, decide('finish', 'fail', 'finish'));
	const some = decide('finish', 'fail');
	await start('continue', 3, some, SHORT, { onError: 'continueRegularOutput' });
	await start('error output', 3, some, SHORT, { onError: 'continueErrorOutput' });
	await start('return', 2, decide('fail'), { ...SHORT, ...returns });
	await start('stopped', 1, decide());
	await cases.start('lost', [dibby(asleep({ timeLimitDays: 0.002 })), after], {
		real: await withCredential(real, 'Hanging Dibby', hanging.url),
	});
	await cases.areAsleep();
	await real.client.stopExecution(cases.get('stopped').executionId);
	await killAndRestart(real);
	hanging.failOn('GET', { kind: 'hang' });
	while (hanging.inFlight === 0) await pause(50);
	await killAndRestart(real);
	isOver = true;
	await cases.end();
}, 2_400_000);
afterAll(async () => {
	cases?.stop();
	await hanging?.close();
});

test('no run was started twice, through both kills', () => {
	const posts = real.sandbox.requests.filter(({ method }) => method === 'POST');
	expect(posts).toHaveLength(20 + 3 + 3 + 3 + 2 + 1);
	expect(hanging.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('twenty runs that finish give twenty items, paired', () => {
	expect(cases.found('all finish').status).toBe('success');
	const results = cases.json('all finish');
	expect(results.map(({ id }) => id)).toEqual(cases.runIds('all finish'));
	expect(results.map(({ seen }) => seen)).toEqual(cases.runIds('all finish').map((_id, n) => n));
	const document = { bytes: cases.get('all finish').from + 20 };
	expect(results[19]).toMatchObject({ status: 'FINISHED', output: { document } });
});

test("one run that fails ends the node with the error that it would have had awake, and every run's ID", () => {
	expect(cases.error('one fails')?.message).toMatch(/^The Dibby run failed/);
	for (const id of cases.runIds('one fails')) {
		expect(cases.error('one fails')?.description).toContain(id);
	}
});

test('with On Error: Continue, each item has its result or its error', () => {
	const results = cases.json('continue');
	const [finished, failed, late] = cases.runIds('continue');
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
	const [finished, failed, late] = cases.runIds('error output');
	expect(cases.json('error output', 'Dibby').map(({ id }) => id)).toEqual([finished]);
	const errors = cases.json('error output', 'Dibby', 1).map(({ error }) => error);
	expect(errors).toMatchObject([{ dibbyRunId: failed }, { dibbyRunId: late }]);
});

test('runs that failed or are late are returned where the user wants that', () => {
	const results = cases.json('return');
	const [failed, late] = cases.runIds('return');
	expect(results).toMatchObject([
		{ id: failed, status: 'FAILED', seen: 0 },
		{ id: late, status: 'RUNNING', seen: 1 },
	]);
});

test('a sleeping execution that is stopped stays stopped', () => {
	expect(cases.found('stopped').status).toBe('canceled');
	expect(cases.found('stopped').data?.resultData.metadata?.dibbyRunId).toBe(
		cases.runIds('stopped')[0],
	);
});

test('where n8n was killed while it asked, the execution goes on at its time limit, with the ID', () => {
	expect(cases.found('lost').status).toBe('success');
	expect(cases.json('lost')).toMatchObject([{ seen: 0, error: { dibbyRunId: hanging.runIds[0] } }]);
});
