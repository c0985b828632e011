import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { execute, straightWorkflow, TOKEN, useRealN8n } from './realN8n.cts';
import { dibby, document, pdf, run, sha256, webhook } from './sketches.cts';

// What only a whole n8n shows. What people see in the editor is in browser.test.cts.
const real = useRealN8n();
const ITEM = { specifyInputs: 'item' };

describe('the package', () => {
	const get = async (path: string) =>
		await fetch(`${real.n8n.url}${path}`, { headers: { cookie: real.client.session.cookie } });

	test('is listed as a node and as a tool', async () => {
		const types = (await (await get('/types/nodes.json')).json()) as Array<{ name: string }>;
		const names = types.map(({ name }) => name.replace('n8n-nodes-dibby.', ''));
		expect(names).toEqual(expect.arrayContaining(['dibby', 'dibbyTool']));
	});

	test.each(['dibby.svg', 'dibby.dark.svg'])('has the icon %s', async (icon) => {
		const response = await get(`/icons/n8n-nodes-dibby/dist/nodes/Dibby/${icon}`);
		expect(response.headers.get('content-type')).toContain('image/svg+xml');
	});

	test.each(['triggerRun', 'getRun'])(
		'tells the editor what %s gives beside the output of the workflow, before the first run',
		async (operation) => {
			const path = `/schemas/n8n-nodes-dibby.dibby/1.0.0/run/${operation}.json`;
			const dibbyRunId = { type: 'string' };
			expect(await (await get(path)).json()).toMatchObject({ properties: { dibbyRunId } });
		},
	);
});

describe('workflows', () => {
	test.each(['separate', 'combined'])('a webhook gives the result, %s', async (binaryMode) => {
		const content = randomBytes(3_000_000);
		const step = dibby(run(WORKFLOWS.digest.id, document('document', 'invoice')));
		const nodes = [webhook(binaryMode), step];
		const workflow = await straightWorkflow(real, binaryMode, nodes, { binaryMode });
		await real.client.activate(workflow);
		const response = await real.client.upload(binaryMode, [pdf('invoice', content)]);
		const digest = { mediaType: 'application/pdf', sha256: sha256(content) };
		expect(await response.json()).toMatchObject([digest]);
	});

	test("n8n's Retry On Fail starts nothing twice", async () => {
		const before = real.sandbox.runs.size;
		real.sandbox.failOn('GET', { status: 401 }, 1);
		const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 100 };
		const { status } = await execute(real, 'retry', dibby(run(WORKFLOWS.echo.id, ITEM), node));
		real.sandbox.setFaults([]);
		expect(status).toBe('success');
		expect(real.sandbox.runs.size).toBe(before + 1);
	});

	test('stopping an execution that waits: the sandbox gets no further poll', async () => {
		const options = { pollInterval: 0.2 };
		const given = { ...document('document', 'invoice'), options };
		const workflow = await straightWorkflow(real, 'stop', [
			webhook('stop', 'onReceived'),
			dibby(run(WORKFLOWS.approval.id, given)),
		]);
		await real.client.activate(workflow);
		const polls = () => real.sandbox.requests.filter(({ method }) => method === 'GET').length;
		const before = polls();
		await real.client.upload('stop', [pdf('invoice', randomBytes(100))]);
		while (polls() < before + 2) await sleep(50);
		const [{ id } = { id: '' }] = await real.client.executions(workflow.id);
		await real.client.stopExecution(id);
		const stoppedAt = polls();
		await sleep(1000);
		expect(polls()).toBeLessThanOrEqual(stoppedAt + 1);
		expect((await real.client.waitForExecution(id)).status).toBe('canceled');
		// n8n forgets what the node did in an execution that is stopped; the run's ID is shown with it all the same.
		const { session } = real.client;
		const shown = await session.request<{ customData?: object }>('GET', `/executions/${id}`);
		const runId = [...real.sandbox.runs.values()].at(-1)?.id;
		expect(shown.customData).toEqual({ dibbyRunId: runId });
		// The output of the process itself: n8n's console prints a line's message only.
		const line = `Dibby run ${runId} was started (execution ${id}, node "Dibby", item 0)`;
		expect(real.n8n.logs()).toContain(line);
		expect(real.n8n.logs()).not.toContain(TOKEN);
	});
});
