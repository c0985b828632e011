import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import type { StoredWorkflow } from '../../sandbox/editor/client.cts';
import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch } from '../e2e/realN8n.cts';
import { straightWorkflow, TOKEN, useRealN8n, withCredential } from '../e2e/realN8n.cts';
import { dibby, manual, webhook } from '../e2e/sketches.cts';
import { Cases } from './cases.cts';
import { after, asleep, contentOf } from './sleepers.cts';

// What workflows, nodes and n8n can be set to that a sleeping node might not like.
const real = useRealN8n({
	N8N_WORKFLOW_CALLER_POLICY_DEFAULT_OPTION: 'none',
	N8N_DEFAULT_BINARY_DATA_MODE: 'default',
});

let cases: Cases;
let slow: Sandbox;
let errorWorkflow: StoredWorkflow;

/** Lets the sandbox know what came out, where n8n keeps nothing. */
const probe = dibby(
	{
		workflow: { __rl: true, mode: 'id', value: WORKFLOWS.echo.id },
		specifyInputs: 'json',
		jsonInputs: '={{ JSON.stringify({ text: $json.id }) }}',
		waitForCompletion: false,
	},
	{ name: 'Probe' },
);
const probed = () =>
	[...real.sandbox.runs.values()]
		.filter(({ workflowId }) => workflowId === WORKFLOWS.echo.id)
		.map(({ inputs }) => inputs.text);

const respond: NodeSketch = {
	name: 'Respond',
	type: 'n8n-nodes-base.respondToWebhook',
	typeVersion: 1.1,
	parameters: { respondWith: 'json', responseBody: '{ "taken": true }', options: {} },
};

/** Runs a part of a workflow, as a click on Execute Step does, or the whole of one with pinned data. */
const runWith =
	(changes: object, request: object = {}) =>
	async ({ id, nodes, connections }: StoredWorkflow) => {
		await real.client.updateWorkflow(id, { nodes, connections, ...changes });
		const { executionId } = await real.client.session.request<{ executionId: string }>(
			'POST',
			`/workflows/${id}/run`,
			{ workflowId: id, startNodes: [], triggerToStartFrom: { name: manual.name }, ...request },
		);
		return executionId;
	};

beforeAll(async () => {
	slow = await startSandbox({ token: TOKEN, stepMs: 60_000 });
	cases = new Cases(real);
	errorWorkflow = await straightWorkflow(
		real,
		'errors',
		[
			{ name: 'Error', type: 'n8n-nodes-base.errorTrigger' },
			{ ...after, parameters: { includeOtherFields: true } },
		],
		{ callerPolicy: 'any' },
	);
	await real.client.activate(errorWorkflow);
	const settings = { errorWorkflow: errorWorkflow.id };
	const deleted = await withCredential(real, 'Deleted');
	for (const [name, onError] of [
		['credential', 'stopWorkflow'],
		['credential, continue', 'continueRegularOutput'],
	] as const) {
		const how = { real: deleted, count: 2, decide: () => undefined };
		await cases.start(name, [dibby(asleep(), { onError })], how);
	}
	await cases.start('nobody may call', [dibby(asleep()), after], {
		settings: { callerPolicy: 'none' },
	});
	await cases.start('manual, not saved', [dibby(asleep()), probe], {
		settings: { saveManualExecutions: false },
	});
	await cases.start('error workflow', [dibby(asleep())], {
		...cases.byWebhook('error-workflow'),
		settings,
		decide: () => 'fail',
	});
	await cases.start('failed, not saved', [dibby(asleep())], {
		...cases.byWebhook('not-saved'),
		settings: { ...settings, saveDataErrorExecution: 'none' },
		decide: () => 'fail',
	});
	const parameters = { httpMethod: 'POST', path: 'respond', responseMode: 'responseNode' };
	const responding = { ...webhook('respond'), parameters };
	await cases.start('respond', [respond, dibby(asleep())], cases.byWebhook('respond', responding));
	const pinned = [{ json: { n: 0, document: contentOf(900_000) } }];
	await cases.start(
		'pinned',
		[dibby(asleep({ timeLimitDays: 0.002, options: { whenTimeRunsOut: 'return' } })), after],
		{ run: runWith({ pinData: { Items: pinned } }) },
	);
	await cases.start('one step', [dibby(asleep()), after], {
		run: runWith({}, { destinationNode: { nodeName: 'Dibby', mode: 'inclusive' } }),
	});
	await cases.start('is archived', [dibby(asleep()), after]);
	const report = asleep({
		workflow: { __rl: true, mode: 'id', value: WORKFLOWS.report.id },
		specifyInputs: 'json',
		jsonInputs: '={{ JSON.stringify({ title: "Slept " + $json.n, rows: [] }) }}',
	});
	const reports = await withCredential(real, 'Slow Dibby', slow.url);
	for (const [name, binaryMode] of [
		['documents', 'separate'],
		['documents, combined', 'combined'],
	] as const) {
		const how = { real: reports, count: 3, settings: { binaryMode } };
		await cases.start(name, [dibby(report)], how);
	}
	await cases.areAsleep((name) => /^credential|^is archived/.test(name));
	await real.client.session.request(
		'POST',
		`/workflows/${cases.get('is archived').workflow.id}/archive`,
	);
	await real.client.session.request('DELETE', `/credentials/${deleted.credential.id}`);
	// n8n deletes the others.
	await cases.end((name) => !name.endsWith('not saved'));
}, 2_400_000);
afterAll(async () => {
	cases?.stop();
	await slow?.close();
});

test.each(['nobody may call', 'is archived'])('a workflow that %s goes on', (name) => {
	expect(cases.json(name)).toMatchObject([
		{ id: cases.runIds(name)[0], status: 'FINISHED', seen: 0 },
	]);
});

test('a manual execution that is not to be saved goes on, and n8n deletes it afterwards', () => {
	expect(probed()).toEqual(cases.runIds('manual, not saved'));
});

test('Respond to Webhook answers at once, and the execution sleeps behind it', () => {
	expect(cases.answers.get('respond')).toEqual({ taken: true });
	expect(cases.json('respond', 'Dibby')).toMatchObject([{ status: 'FINISHED' }]);
});

test('pinned data in front of the sleeping node stays what its items come from', () => {
	expect(cases.json('pinned')).toMatchObject([{ status: 'RUNNING', seen: 0 }]);
	expect([...real.sandbox.runs.values()].map(({ inputs }) => inputs.document)).toContainEqual(
		expect.objectContaining({ bytes: 900_001 }),
	);
});

test('Execute Step ends with the sleeping node', () => {
	expect(cases.json('one step', 'Dibby')).toMatchObject([{ status: 'FINISHED' }]);
	expect(nodeItems(cases.found('one step'), 'After')).toEqual([]);
});

test('the error workflow is called once for a run that failed asleep, also where failed executions are not saved', async () => {
	const calls = await real.client.executions(errorWorkflow.id);
	const seen = await Promise.all(calls.map(async ({ id }) => await real.client.execution(id)));
	const errors = seen.map((execution) => nodeItems(execution, 'Error')[0]?.json);
	expect(errors.map((json) => (json?.workflow as { name: string }).name).sort()).toEqual([
		'error workflow',
		'failed, not saved',
	]);
	for (const json of errors) {
		expect(JSON.stringify(json?.execution)).toMatch(/The Dibby run failed .*run_/);
	}
});

test.each(['documents', 'documents, combined'])('%s in memory are files of their items', (name) => {
	const results = nodeItems(cases.found(name), 'Dibby');
	const titles = results.map(({ json }) => (json.output as { title: string }).title);
	expect(titles).toEqual(['Slept 0', 'Slept 1', 'Slept 2']);
	for (const { binary, pairedItem } of results) {
		expect(binary?.report?.fileName).toBe('report.pdf');
		expect(pairedItem).toBeDefined();
	}
});

test('a credential that was deleted ends the wait with every run in the error', () => {
	const error = cases.error('credential');
	expect(error?.message).toBe("n8n couldn't check on the Dibby runs");
	for (const id of cases.runIds('credential')) expect(error?.description).toContain(id);
	const items = cases.json('credential, continue', 'Dibby');
	expect(cases.runIds('credential, continue')).toHaveLength(2);
	for (const id of cases.runIds('credential, continue')) {
		expect(items[0]?.error).toContain(id);
	}
});
