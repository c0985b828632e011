import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { execute, useRealN8n } from './realN8n.cts';
import { dibby, run } from './sketches.cts';

// With this setting n8n installs verified packages only. One that is there already must go on working.
const real = useRealN8n({ N8N_UNVERIFIED_PACKAGES_ENABLED: 'false' });

test('an installed package loads and runs while n8n takes verified packages only', async () => {
	const parameters = run(WORKFLOWS.echo.id, { specifyInputs: 'item', output: 'run' });
	const execution = await execute(real, 'unverified', dibby(parameters));
	expect(nodeItems(execution, 'Dibby')[0]?.json).toMatchObject({ status: 'FINISHED' });
});
