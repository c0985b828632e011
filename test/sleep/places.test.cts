import { nodeItems } from '../../sandbox/editor/executionData.cts';
import type { Execution } from '../../sandbox/editor/executionData.cts';
import type { NodeSketch } from '../e2e/realN8n.cts';
import { straightWorkflow, TOKEN, useRealN8n } from '../e2e/realN8n.cts';
import { dibby, manual, webhook } from '../e2e/sketches.cts';
import { after, asleep, items, pause } from './sleepers.cts';

// Where a sleeping node can stand, and what can happen to its workflow meanwhile, side by side.
const real = useRealN8n();

const ended = new Map<string, Execution>();
const started = new Map<string, string>();
let answer: { status: number; body: unknown };
let subExecutions: string[] = [];

async function start(name: string, sketches: NodeSketch[], settings: object = {}) {
	const workflow = await straightWorkflow(real, name, [manual, ...sketches], settings);
	started.set(name, await real.client.run(workflow.id, manual.name));
	return workflow;
}

async function startInSubWorkflow(): Promise<void> {
	const trigger: NodeSketch = {
		name: 'Called',
		type: 'n8n-nodes-base.executeWorkflowTrigger',
		typeVersion: 1.1,
		parameters: { inputSource: 'passthrough' },
	};
	const sub = await straightWorkflow(real, 'called', [trigger, dibby(asleep())]);
	const call: NodeSketch = {
		name: 'Call',
		type: 'n8n-nodes-base.executeWorkflow',
		typeVersion: 1.2,
		parameters: { workflowId: { __rl: true, mode: 'id', value: sub.id }, options: {} },
	};
	await start('in a sub-workflow', [items(1), call]);
	while (subExecutions.length === 0) {
		subExecutions = (await real.client.executions(sub.id)).map(({ id }) => id);
		await pause(100);
	}
}

async function callWebhook(): Promise<void> {
	const workflow = await straightWorkflow(real, 'webhook', [
		webhook('asleep'),
		items(1),
		dibby(asleep()),
	]);
	await real.client.activate(workflow);
	const response = await real.client.upload('asleep', []);
	answer = { status: response.status, body: await response.json() };
	const [execution] = (await real.client.executions(workflow.id)).slice(-1);
	started.set('webhook', execution?.id ?? '');
	await real.client.deactivate(workflow.id);
}

async function loseCredential(): Promise<void> {
	const data = { token: TOKEN, baseUrl: real.sandbox.url };
	const credential = await real.client.createCredential('Withdrawn', 'dibbyApi', data);
	const workflow = await straightWorkflow({ ...real, credential }, 'credential', [
		manual,
		items(1),
		dibby(asleep()),
	]);
	const id = await real.client.run(workflow.id, manual.name);
	started.set('credential', id);
	await real.client.waitForExecution(id, 240_000, ['waiting']);
	await real.client.putCredential('Withdrawn', 'dibbyApi', { ...data, token: 'withdrawn' });
}

/** Plays the person for every run that comes to that step, except where the credential must fail first. */
function approveAll(except: string): () => void {
	const timer = setInterval(() => {
		for (const id of real.sandbox.waiting()) if (id !== except) real.sandbox.finish(id);
	}, 1_000);
	return () => clearInterval(timer);
}

beforeAll(async () => {
	const calling = callWebhook();
	await startInSubWorkflow();
	await start('twice', [
		items(1),
		dibby(asleep()),
		{ ...dibby(asleep()), name: 'Again', parameters: second() },
	]);
	const edited = await start('edited', [items(1), dibby(asleep()), after]);
	await start('a time-out of the workflow', [items(1), dibby(asleep())], {
		executionTimeout: 3600,
	});
	const losing = loseCredential();
	await Promise.all([calling, losing]);
	const { Start: connection } = edited.connections;
	await real.client.updateWorkflow(edited.id, {
		nodes: edited.nodes.slice(0, 2),
		connections: { Start: connection ?? {} },
	});
	const withdrawn = (await real.client.execution(started.get('credential') ?? '')).data?.resultData
		.metadata?.dibbyRunId;
	const stopApproving = approveAll(String(withdrawn));
	for (const [name, id] of started) {
		ended.set(name, await real.client.waitForExecution(id, 900_000));
	}
	stopApproving();
}, 2_400_000);

/** The second node's input is the first one's result. */
function second() {
	const document = "={{ $('Items').item.json.document }}";
	return asleep({
		fields: { assignments: [{ id: '1', name: 'document', type: 'string', value: document }] },
	}) as never;
}

const found = (name: string) => ended.get(name) as Execution;

test('a webhook that waits for the last node answers when the execution falls asleep, with the ID', () => {
	expect(answer.status).toBe(200);
	expect(answer.body).toMatchObject([
		{ id: expect.stringMatching(/^run_/) as string, status: 'RUNNING' },
	]);
	expect(found('webhook').status).toBe('success');
});

test('in a sub-workflow, its caller sleeps too and gets the result', () => {
	expect(found('in a sub-workflow').status).toBe('success');
	expect(nodeItems(found('in a sub-workflow'), 'Call')[0]?.json).toMatchObject({
		status: 'FINISHED',
	});
});

test('two nodes in one workflow sleep one after the other', () => {
	expect(found('twice').status).toBe('success');
	const [first, again] = ['Dibby', 'Again'].map((node) => nodeItems(found('twice'), node)[0]?.json);
	expect(first).toMatchObject({ status: 'FINISHED' });
	expect(again).toMatchObject({ status: 'FINISHED' });
	expect(again?.id).not.toBe(first?.id);
});

test('an edited workflow goes on as it was when it fell asleep', () => {
	expect(nodeItems(found('edited'), 'After')[0]?.json).toMatchObject({
		status: 'FINISHED',
		seen: 0,
	});
});

test('a workflow whose own time-out would end it is refused before anything is started', () => {
	expect(found('a time-out of the workflow').data?.resultData.error?.message).toBe(
		"The workflow's timeout is shorter than 'Time Limit'",
	);
});

test("a token that is withdrawn meanwhile ends the wait, with the run's ID", () => {
	const { error, metadata } = found('credential').data?.resultData ?? {};
	expect(error?.message).toBe('Dibby rejected the token');
	expect(error?.description).toContain(metadata?.dibbyRunId);
});
