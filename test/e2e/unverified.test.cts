import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { straightWorkflow, useRealN8n } from './realN8n.cts';

// With this setting n8n installs verified packages only. One that is there already must go on working.
const real = useRealN8n({ N8N_UNVERIFIED_PACKAGES_ENABLED: 'false' });

test('an installed package loads and runs while n8n takes verified packages only', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'id', value: WORKFLOWS.echo.id },
		specifyInputs: 'item',
		waitForCompletion: true,
		output: 'run',
	};
	const workflow = await straightWorkflow(real, 'unverified', [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
		{ name: 'Dibby', type: 'n8n-nodes-dibby.dibby', parameters },
	]);
	const { data } = await real.client.waitForExecution(await real.client.run(workflow.id, 'Start'));
	expect(nodeItems({ data }, 'Dibby')[0]?.json).toMatchObject({ status: 'FINISHED' });
});
