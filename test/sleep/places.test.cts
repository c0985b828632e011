import type { NodeSketch } from '../e2e/realN8n.cts';
import { straightWorkflow, useRealN8n, withCredential } from '../e2e/realN8n.cts';
import { dibby, webhook } from '../e2e/sketches.cts';
import { Cases } from './cases.cts';
import { after, asleep } from './sleepers.cts';

// Where a sleeping node can stand, and what can happen to its workflow meanwhile, side by side.
const real = useRealN8n();
let cases: Cases;

beforeAll(async () => {
	cases = new Cases(real);
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
	await cases.start('in a sub-workflow', [call]);
	// The second node's input is the first one's.
	const value = "={{ $('Items').item.json.document }}";
	const fields = { assignments: [{ id: '1', name: 'document', type: 'string', value }] };
	const again = { ...dibby(asleep({ fields })), name: 'Again' };
	await cases.start('twice', [dibby(asleep()), again]);
	await cases.start('edited', [dibby(asleep()), after]);
	await cases.start('credential', [dibby(asleep())], {
		real: await withCredential(real, 'Withdrawn'),
		decide: () => undefined,
	});
	// It answers when its execution falls asleep, as the others do meanwhile.
	await cases.start('webhook', [dibby(asleep())], cases.byWebhook('asleep', webhook('asleep')));
	await cases.areAsleep((name) => name === 'credential' || name === 'edited');
	await real.client.deactivate(cases.get('webhook').workflow.id);
	const data = { token: 'withdrawn', baseUrl: real.sandbox.url };
	await real.client.putCredential('Withdrawn', 'dibbyApi', data);
	const { workflow: edited } = cases.get('edited');
	await real.client.updateWorkflow(edited.id, {
		nodes: edited.nodes.slice(0, 2),
		connections: { Start: edited.connections.Start ?? {} },
	});
	await cases.end();
}, 2_400_000);
afterAll(() => cases?.stop());

test('a webhook that waits for the last node answers when the execution falls asleep, with the ID', () => {
	const id = expect.stringMatching(/^run_/) as string;
	expect(cases.answers.get('asleep')).toMatchObject([{ id, status: 'RUNNING' }]);
	expect(cases.found('webhook').status).toBe('success');
});

test('in a sub-workflow, its caller sleeps too and gets the result', () => {
	expect(cases.found('in a sub-workflow').status).toBe('success');
	expect(cases.json('in a sub-workflow', 'Call')).toMatchObject([{ status: 'FINISHED' }]);
});

test('two nodes in one workflow sleep one after the other', () => {
	const [first] = cases.json('twice', 'Dibby');
	const [again] = cases.json('twice', 'Again');
	expect([first, again]).toMatchObject([{ status: 'FINISHED' }, { status: 'FINISHED' }]);
	expect(again?.id).not.toBe(first?.id);
});

test('an edited workflow goes on as it was when it fell asleep', () => {
	expect(cases.json('edited')).toMatchObject([{ status: 'FINISHED', seen: 0 }]);
});

test("a token that is withdrawn meanwhile ends the wait, with the run's ID", () => {
	expect(cases.error('credential')?.message).toBe('Dibby rejected the token');
	expect(cases.error('credential')?.description).toContain(cases.runIds('credential')[0]);
});
