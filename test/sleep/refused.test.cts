import { straightWorkflow, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { asleep, items } from './sleepers.cts';

// Where n8n would not let an execution sleep, the node says so, and nothing is started.
describe.each([
	[
		'an n8n without the Wait node',
		{ NODES_EXCLUDE: '["n8n-nodes-base.wait"]' },
		'This n8n lacks a node that sleeping needs',
		'It was switched off here: n8n-nodes-base.wait.',
	],
	[
		'an n8n that ends every execution after an hour',
		{ EXECUTIONS_TIMEOUT: '3600' },
		"The workflow's own time-out is shorter than Time Limit",
		'that of the whole n8n',
	],
])('%s', (_name, env, message, description) => {
	const real = useRealN8n(env);

	test('refuses to sleep before anything is sent', async () => {
		const nodes = [manual, items(1), dibby(asleep())];
		const workflow = await straightWorkflow(real, 'refused', nodes);
		const id = await real.client.run(workflow.id, manual.name);
		const { data } = await real.client.waitForExecution(id);
		expect(data?.resultData.error?.message).toBe(message);
		expect(data?.resultData.error?.description).toContain(description);
		expect(real.sandbox.requests).toEqual([]);
	});
});
