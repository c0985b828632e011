import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { straightWorkflow, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { after, asleep, items, killAndRestart, pause } from './sleepers.cts';

const real = useRealN8n();

const KILLS = 20;
const EXECUTIONS = 5;
const ITEMS = 2;
const SEED = 20_261_124;

/** The same chances in every run of the test (a linear congruential generator). */
function seeded(seed: number): () => number {
	let state = seed;
	return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

test(`${KILLS} kills at moments of chance lose no run, and start none twice`, async () => {
	const random = seeded(SEED);
	const executions: string[] = [];
	for (let n = 0; n < EXECUTIONS; n++) {
		const workflow = await straightWorkflow(real, `kills ${n}`, [
			manual,
			items(ITEMS),
			dibby(asleep({ timeLimitDays: 0.01 }), { onError: 'continueRegularOutput' }),
			after,
		]);
		executions.push(await real.client.run(workflow.id, manual.name));
	}
	for (const id of executions) await real.client.waitForExecution(id, 300_000, ['waiting']);
	for (let kill = 0; kill < KILLS; kill++) {
		await pause(random() * 8_000);
		await killAndRestart(real);
		const [next] = real.sandbox.waiting();
		if (next !== undefined && random() < 0.3) real.sandbox.finish(next);
	}
	for (const id of real.sandbox.waiting()) real.sandbox.finish(id);

	const runIds: unknown[] = [];
	for (const id of executions) {
		const execution = await real.client.waitForExecution(id, 2_000_000);
		expect(execution.status).toBe('success');
		const results = nodeItems(execution, 'After').map(({ json }) => json);
		expect(results.map(({ seen }) => seen)).toEqual([0, 1]);
		// Killed in the very moment of a poll, an execution gives the run's ID at its time limit.
		for (const { id: runId, error } of results) {
			runIds.push(runId ?? (error as { dibbyRunId?: string } | undefined)?.dibbyRunId);
		}
	}
	expect(new Set(runIds)).toEqual(new Set(real.sandbox.runs.keys()));
	expect(real.sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(
		EXECUTIONS * ITEMS,
	);
}, 3_600_000);
