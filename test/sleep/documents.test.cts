import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch } from '../e2e/realN8n.cts';
import { straightWorkflow, TOKEN, useRealN8n, withCredential } from '../e2e/realN8n.cts';
import { dibby, manual } from '../e2e/sketches.cts';
import { asleep } from './sleepers.cts';

// The files of a result are stored by the execution that asks; they must be there for the one that slept.
const real = useRealN8n({
	EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none',
	N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
	// Every minute, all executions but the newest are deleted that have ended.
	EXECUTIONS_DATA_PRUNE: 'true',
	EXECUTIONS_DATA_PRUNE_MAX_COUNT: '1',
	EXECUTIONS_DATA_PRUNE_SOFT_DELETE_INTERVAL: '1',
	EXECUTIONS_DATA_PRUNE_HARD_DELETE_INTERVAL: '1',
	EXECUTIONS_DATA_HARD_DELETE_BUFFER: '0',
});

let slow: Sandbox;
beforeAll(async () => {
	// The run takes some minutes.
	slow = await startSandbox({ token: TOKEN, stepMs: 90_000 });
});
afterAll(async () => await slow.close());

const read: NodeSketch = {
	name: 'Read',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: {
		jsCode: `const [[name]] = Object.entries($input.first().binary ?? $input.first().json._files);
			const file = await this.helpers.getBinaryDataBuffer(0, name);
			return [{ json: { name, begins: file.toString('latin1', 0, 5), bytes: file.length } }];`,
	},
};

test('a document in the result is a file for the next node, where successful executions are not saved and others soon deleted', async () => {
	const withSlow = await withCredential(real, 'Slow Dibby', slow.url);
	const parameters = asleep({
		workflow: { __rl: true, mode: 'id', value: WORKFLOWS.report.id },
		specifyInputs: 'json',
		jsonInputs: '{"title": "Slept", "rows": []}',
	});
	const workflow = await straightWorkflow(withSlow, 'report', [manual, dibby(parameters), read]);
	const id = await real.client.run(workflow.id, manual.name);
	await real.client.waitForExecution(id, 400_000, ['waiting']);
	const others = await straightWorkflow(real, 'others', [manual]);
	const [older = ''] = [
		await real.client.run(others.id, manual.name),
		await real.client.run(others.id, manual.name),
	];
	const execution = await real.client.waitForExecution(id, 900_000);
	// n8n answers so for one that is gone.
	expect(await real.client.execution(older)).toEqual({ id: older, status: undefined });
	expect(execution.data?.resultData.error).toBeUndefined();
	expect(nodeItems(execution, 'Read')[0]?.json).toMatchObject({ name: 'report', begins: '%PDF-' });
}, 1_200_000);
