import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { startN8n } from '../../sandbox/editor/server.cts';
import { straightWorkflow, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { after, asleep, contentOf, items, numberOf, pause } from './sleepers.cts';

const real = useRealN8n();

/** Stops n8n for so long, and starts it again where it was. */
async function stopFor(milliseconds: number, meanwhile: () => void): Promise<void> {
	const { port, install, userFolder } = real.n8n;
	await real.n8n.stop();
	meanwhile();
	await pause(milliseconds);
	real.n8n = await startN8n({ install, userFolder, port });
}

/** Beyond the time limit of the first node, and beyond the ten minutes after which n8n goes on without its sleep. */
const DOWN_MS = 13 * 60_000;

test('n8n that was down longer than a wait goes on, and the next sleeping node gets its own result', async () => {
	const document = { id: '1', name: 'document', type: 'string', value: contentOf(500) };
	const workflow = await straightWorkflow(real, 'down', [
		manual,
		items(1),
		dibby(asleep({ timeLimitDays: 0.001 })),
		{ ...dibby(asleep({ fields: { assignments: [document] } })), name: 'Again' },
		after,
	]);
	const id = await real.client.run(workflow.id, manual.name);
	await real.client.waitForExecution(id, 400_000, ['waiting']);
	const runOf = (number: number) =>
		[...real.sandbox.runs.values()].find((run) => numberOf(run) === number)?.id;
	await stopFor(DOWN_MS, () => real.sandbox.finish(runOf(0) ?? ''));
	while (runOf(500) === undefined) await pause(500);
	await pause(75_000);
	real.sandbox.finish(runOf(500) ?? '');
	const execution = await real.client.waitForExecution(id, 900_000);
	expect(execution.status).toBe('success');
	const [first] = nodeItems(execution, 'Dibby').map(({ json }) => json);
	expect(JSON.stringify(first)).toContain(runOf(0));
	expect(nodeItems(execution, 'After')).toMatchObject([
		{ json: { id: runOf(500), status: 'FINISHED', seen: 0 } },
	]);
	expect(real.sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
}, 2_400_000);

// When n8n starts, its wait tracker wakes overdue executions before n8n has repaired unfinished ones with older data.
const RESTARTS = Number(process.env.RESTARTS ?? 1);
const SLEEPERS = 25;
/** Longer than the first sleep, so that every helper is overdue. */
const OVERDUE_MS = 95_000;

test(`${RESTARTS} restarts with ${SLEEPERS} overdue sleepers lose none whose run has ended`, async () => {
	const before = real.sandbox.runs.size;
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
		await stopFor(OVERDUE_MS, () => {
			for (const id of real.sandbox.waiting()) real.sandbox.finish(id);
		});
		for (const id of ids) {
			const execution = await real.client.waitForExecution(id, 900_000);
			expect(execution.status).toBe('success');
			expect(nodeItems(execution, 'After')).toMatchObject([
				{ json: { status: 'FINISHED', seen: 0 } },
			]);
		}
	}
	expect(real.sandbox.runs.size).toBe(before + RESTARTS * SLEEPERS);
}, 7_200_000);
