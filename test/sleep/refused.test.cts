import { straightWorkflow, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { asleep, items } from './sleepers.cts';

// Where n8n would not let an execution sleep, the node says so, and nothing is started.
describe.each([
	[
		'an n8n without the Wait node',
		{ NODES_EXCLUDE: '["n8n-nodes-base.wait"]' },
		"'Sleep' needs a node that's turned off on this n8n instance",
		'Turned off: n8n-nodes-base.wait.',
	],
	[
		'an n8n that ends every execution after an hour',
		{ EXECUTIONS_TIMEOUT: '3600' },
		"The workflow's timeout is shorter than 'Time Limit'",
		'the timeout of the n8n instance applies',
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
