import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { startN8n } from '../../sandbox/editor/server.cts';
import { straightWorkflow, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { after, asleep, items, pause } from './sleepers.cts';

// When n8n starts, its wait tracker wakes overdue executions before n8n has repaired unfinished ones with older data.
const real = useRealN8n();

const RESTARTS = Number(process.env.RESTARTS ?? 1);
const SLEEPERS = 25;
/** Longer than the first sleep, so that every helper is overdue. */
const DOWN_MS = 95_000;

test(`${RESTARTS} restarts with ${SLEEPERS} overdue sleepers lose none whose run has ended`, async () => {
	for (let restart = 0; restart < RESTARTS; restart++) {
		const workflow = await straightWorkflow(real, `overdue ${restart}`, [
			manual,
			items(1),
			dibby(asleep({ timeLimitDays: 0.1 })),
			after,
		]);
		const ids: string[] = [];
		for (let n = 0; n < SLEEPERS; n++) ids.push(await real.client.run(workflow.id, manual.name));
		for (const id of ids) await real.client.waitForExecution(id, 400_000, ['waiting']);
		const { port, install, userFolder } = real.n8n;
		await real.n8n.stop();
		for (const id of real.sandbox.waiting()) real.sandbox.finish(id);
		await pause(DOWN_MS);
		real.n8n = await startN8n({ install, userFolder, port });
		for (const id of ids) {
			const execution = await real.client.waitForExecution(id, 900_000);
			expect(execution.status).toBe('success');
			expect(nodeItems(execution, 'After')).toMatchObject([
				{ json: { status: 'FINISHED', seen: 0 } },
			]);
		}
	}
	expect(real.sandbox.runs.size).toBe(RESTARTS * SLEEPERS);
}, 7_200_000);
