import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { straightWorkflow, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, webhook } from '../e2e/sketches.cts';
import { asleep, items, pause } from './sleepers.cts';

// As on n8n Cloud, which limits how many executions may be active.
const real = useRealN8n({ N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' });

const EXECUTIONS = 3;

test('sleeping executions take no place of those that may be active, and get one when they wake', async () => {
	const nodes = [webhook('limited', 'onReceived'), items(1), dibby(asleep())];
	const workflow = await straightWorkflow(real, 'limited', nodes);
	await real.client.activate(workflow);
	for (let n = 0; n < EXECUTIONS; n++) {
		await real.client.call('limited', { method: 'POST' });
	}
	// One after the other is active for a minute.
	while (real.sandbox.waiting().length < EXECUTIONS) await pause(500);
	const all = await real.client.executions(workflow.id);
	const sleeping = all.filter(({ mode }) => mode === 'webhook').map(({ id }) => id);
	expect(sleeping).toHaveLength(EXECUTIONS);
	for (const id of sleeping) await real.client.waitForExecution(id, 400_000, ['waiting']);
	for (const id of real.sandbox.waiting()) real.sandbox.finish(id);
	for (const id of sleeping) {
		const execution = await real.client.waitForExecution(id, 600_000);
		expect(nodeItems(execution, 'Dibby')).toMatchObject([{ json: { status: 'FINISHED' } }]);
	}
	expect(real.sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(EXECUTIONS);
}, 1_800_000);
