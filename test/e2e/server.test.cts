import { randomBytes } from 'node:crypto';

import { nodeItems, nodeRun } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch } from './realN8n.cts';
import { straightWorkflow, TOKEN, useRealN8n } from './realN8n.cts';
import { dibby, document, manual, pdf, run, sha256, webhook } from './sketches.cts';

const real = useRealN8n();

/** Publishes a workflow, and uploads files to its webhook. */
async function post(
	path: string,
	sketches: NodeSketch[],
	files: Array<ReturnType<typeof pdf>>,
	settings: object = {},
) {
	const workflow = await straightWorkflow(real, path, sketches, settings);
	await real.client.activate(workflow);
	const response = await real.client.upload(path, files);
	const text = await response.text();
	return {
		status: response.status,
		json: text === '' ? undefined : (JSON.parse(text) as unknown),
		workflow,
	};
}

describe('the package', () => {
	test('n8n lists the node and its tool form, found under the words that people search for', async () => {
		const response = await fetch(`${real.n8n.url}/types/nodes.json`, {
			headers: { cookie: real.client.session.cookie },
		});
		const types = (await response.json()) as Array<{
			name: string;
			displayName: string;
			codex?: { alias?: string[] };
		}>;
		const node = types.find(({ name }) => name === 'n8n-nodes-dibby.dibby');
		expect(node?.displayName).toBe('Dibby');
		expect(node?.codex?.alias).toEqual(
			expect.arrayContaining(['invoice', 'document', 'OCR', 'extract']),
		);
		expect(types.some(({ name }) => name === 'n8n-nodes-dibby.dibbyTool')).toBe(true);
	});

	test.each(['dibby.svg', 'dibby.dark.svg'])('the icon %s is served', async (icon) => {
		const response = await fetch(`${real.n8n.url}/icons/n8n-nodes-dibby/dist/nodes/Dibby/${icon}`);
		expect(response.headers.get('content-type')).toContain('image/svg+xml');
	});
});

test.each(['triggerRun', 'getRun'])(
	'before the first run, the editor is told what %s gives beside the output of the workflow',
	async (operation) => {
		const path = `/schemas/n8n-nodes-dibby.dibby/1.0.0/run/${operation}.json`;
		const response = await fetch(`${real.n8n.url}${path}`);
		expect(await response.json()).toMatchObject({ properties: { dibbyRunId: { type: 'string' } } });
	},
);

describe('the credential test', () => {
	const verdict = async (data: object) => await real.client.testCredential(real.credential, data);

	test('a token that Dibby accepts', async () => {
		expect(await verdict({ token: TOKEN, baseUrl: real.sandbox.url })).toMatchObject({
			status: 'OK',
		});
	});

	test('a token that Dibby does not accept', async () => {
		const { status, message } = await verdict({ token: 'wrong', baseUrl: real.sandbox.url });
		expect(status).toBe('Error');
		expect(message).toMatch(/rejected this token/);
	});

	test('no connection', async () => {
		const { status, message } = await verdict({ token: TOKEN, baseUrl: 'http://127.0.0.1:9/api' });
		expect(status).toBe('Error');
		expect(message).toMatch(/^Can't connect to Dibby\./);
	});

	test('a Base URL without https', async () => {
		const { status, message } = await verdict({ token: TOKEN, baseUrl: 'http://dibby.ai/api' });
		expect(status).toBe('Error');
		expect(message).toMatch(/must begin with https/);
	});
});

describe('a credential that is limited to some domains', () => {
	async function executionWith(allowedDomains: string) {
		const data = {
			token: TOKEN,
			baseUrl: real.sandbox.url,
			allowedHttpRequestDomains: 'domains',
			allowedDomains,
		};
		const credential = await real.client.createCredential(allowedDomains, 'dibbyApi', data);
		const parameters = run(WORKFLOWS.echo.id, { specifyInputs: 'item' });
		const sketches = [manual, dibby(parameters)];
		const { id } = await straightWorkflow({ ...real, credential }, allowedDomains, sketches);
		const before = real.sandbox.runs.size;
		const execution = await real.client.waitForExecution(await real.client.run(id, 'Start'));
		return { execution, started: real.sandbox.runs.size - before };
	}

	test('its own one goes on working', async () => {
		const { execution, started } = await executionWith('example.com, 127.0.0.1');
		expect(execution.status).toBe('success');
		expect(started).toBe(1);
	});

	test('others are refused by n8n, and nothing is started', async () => {
		const { execution, started } = await executionWith('example.com');
		expect(execution.status).toBe('error');
		expect(nodeRun(execution, 'Dibby')?.error?.message).toBe('n8n blocked the request to Dibby');
		expect(started).toBe(0);
	});
});

describe('workflows', () => {
	test("a webhook that gets a file answers with Dibby's result", async () => {
		const content = randomBytes(3_000_000);
		const { json } = await post(
			'digest',
			[webhook('digest'), dibby(run(WORKFLOWS.digest.id, document('document', 'invoice')))],
			[pdf('invoice', content)],
		);
		expect(json).toMatchObject([
			{ mediaType: 'application/pdf', bytes: content.length, sha256: sha256(content) },
		]);
	});

	test('three attachments, each a run of its own', async () => {
		const contents = [1, 2, 3].map((factor) => randomBytes(1000 * factor));
		const files = contents.map((content, index) => pdf(`attachment_${index}`, content));
		const split: NodeSketch = {
			name: 'Split Out',
			type: 'n8n-nodes-base.splitOut',
			parameters: { fieldToSplitOut: '$binary', options: {} },
		};
		const { json } = await post(
			'each',
			[
				webhook('each'),
				split,
				dibby(run(WORKFLOWS.digest.id, document('document', 'attachment_*'))),
			],
			files,
		);
		// n8n takes in the parts of an upload at the same time, so their order is not given.
		const rows = (json ?? []) as Array<{ sha256: string }>;
		expect(rows.map((row) => row.sha256).sort()).toEqual(contents.map(sha256).sort());
	});

	test('three attachments in one list', async () => {
		const contents = [1, 2, 3].map((factor) => randomBytes(1000 * factor));
		const files = contents.map((content, index) => pdf(`attachment_${index}`, content));
		const { json } = await post(
			'list',
			[
				webhook('list'),
				dibby(run(WORKFLOWS.bundle.id, document('documents', 'attachment_*', 'list'))),
			],
			files,
		);
		const [first] = (json ?? []) as Array<{ documents: Array<{ sha256: string }> }>;
		expect(first?.documents.map((row) => row.sha256).sort()).toEqual(contents.map(sha256).sort());
	});

	test('the combined binary mode of workflow settings', async () => {
		const content = randomBytes(5000);
		const { json } = await post(
			'combined',
			[webhook('combined'), dibby(run(WORKFLOWS.digest.id, document('document', 'invoice')))],
			[pdf('invoice', content)],
			{ binaryMode: 'combined' },
		);
		expect(json).toMatchObject([{ sha256: sha256(content) }]);
	});

	test('documents in the result come back as files', async () => {
		const parameters = run(WORKFLOWS.report.id, {
			specifyInputs: 'json',
			jsonInputs: '{"title":"Q1","rows":[1]}',
		});
		const workflow = await straightWorkflow(real, 'report', [manual, dibby(parameters)]);
		const { data } = await real.client.waitForExecution(
			await real.client.run(workflow.id, 'Start'),
		);
		const [item] = nodeItems({ data }, 'Dibby');
		expect(Object.keys(item?.binary ?? {})).toEqual(['report', 'attachments_0_file']);
		const id = encodeURIComponent(item?.binary?.report?.id ?? '');
		const response = await fetch(`${real.n8n.url}/rest/binary-data?id=${id}&action=download`, {
			headers: { cookie: real.client.session.cookie, 'browser-id': '' },
		});
		if (response.ok)
			expect(
				Buffer.from(await response.arrayBuffer())
					.subarray(0, 5)
					.toString(),
			).toBe('%PDF-');
	});

	test('a failing run ends the execution with the right words', async () => {
		const workflow = await straightWorkflow(real, 'failing', [
			manual,
			dibby(run(WORKFLOWS.failing.id, { specifyInputs: 'item' })),
		]);
		const { status, data } = await real.client.waitForExecution(
			await real.client.run(workflow.id, 'Start'),
		);
		expect(status).toBe('error');
		expect(data?.resultData.error?.message).toBe('The Dibby run failed after 2 of 5 steps');
		expect(JSON.stringify(data)).not.toContain(TOKEN);
	});

	test('the error output', async () => {
		const workflow = await straightWorkflow(real, 'error output', [
			manual,
			dibby(run(WORKFLOWS.failing.id, { specifyInputs: 'item' }), {
				onError: 'continueErrorOutput',
			}),
		]);
		const { status, data } = await real.client.waitForExecution(
			await real.client.run(workflow.id, 'Start'),
		);
		expect(status).toBe('success');
		expect(nodeItems({ data }, 'Dibby', 0)).toEqual([]);
		expect(nodeItems({ data }, 'Dibby', 1)[0]?.json.error).toMatchObject({
			dibbyRunId: expect.stringMatching(/^run_/) as string,
		});
	});

	test("n8n's Retry On Fail starts nothing twice", async () => {
		const before = real.sandbox.runs.size;
		real.sandbox.failOn('GET', { status: 401 }, 1);
		const workflow = await straightWorkflow(real, 'retry', [
			manual,
			dibby(run(WORKFLOWS.echo.id, { specifyInputs: 'item' }), {
				retryOnFail: true,
				maxTries: 2,
				waitBetweenTries: 100,
			}),
		]);
		const { status } = await real.client.waitForExecution(
			await real.client.run(workflow.id, 'Start'),
		);
		real.sandbox.setFaults([]);
		expect(status).toBe('success');
		expect(real.sandbox.runs.size).toBe(before + 1);
	});

	test('in a sub-workflow', async () => {
		const child = await straightWorkflow(real, 'child', [
			{
				name: 'When Called',
				type: 'n8n-nodes-base.executeWorkflowTrigger',
				typeVersion: 1.1,
				parameters: { inputSource: 'passthrough' },
			},
			dibby(run(WORKFLOWS.echo.id, { specifyInputs: 'item' })),
		]);
		await real.client.activate(child);
		const parent = await straightWorkflow(real, 'parent', [
			manual,
			{
				name: 'Set',
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				parameters: {
					assignments: {
						assignments: [{ id: '1', name: 'vendor', type: 'string', value: 'ACME' }],
					},
					options: {},
				},
			},
			{
				name: 'Call',
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.2,
				parameters: {
					workflowId: { __rl: true, mode: 'id', value: child.id } as never,
					options: {},
				},
			},
		]);
		const { data } = await real.client.waitForExecution(await real.client.run(parent.id, 'Start'));
		expect(nodeItems({ data }, 'Call').map(({ json }) => json)).toMatchObject([{ vendor: 'ACME' }]);
	});

	test('stopping an execution that waits: the sandbox gets no further poll', async () => {
		const workflow = await straightWorkflow(real, 'stop', [
			webhook('stop', 'onReceived'),
			dibby(
				run(WORKFLOWS.approval.id, {
					...document('document', 'invoice'),
					options: { pollInterval: 0.2 },
				}),
			),
		]);
		await real.client.activate(workflow);
		const polls = () => real.sandbox.requests.filter(({ method }) => method === 'GET').length;
		const before = polls();
		await real.client.upload('stop', [pdf('invoice', randomBytes(100))]);
		while (polls() < before + 2) await new Promise((resolve) => setTimeout(resolve, 50));
		const [execution] = await real.client.executions(workflow.id);
		await real.client.stopExecution(execution?.id ?? '');
		const stoppedAt = polls();
		await new Promise((resolve) => setTimeout(resolve, 1000));
		expect(polls()).toBeLessThanOrEqual(stoppedAt + 1);
		const stored = await real.client.waitForExecution(execution?.id ?? '');
		expect(stored.status).toBe('canceled');
		// n8n forgets what the node did in an execution that is stopped; the run's ID is shown with it all the same.
		const shown = await real.client.session.request<{ customData?: object }>(
			'GET',
			`/executions/${stored.id}`,
		);
		const [runId] = [...real.sandbox.runs.values()]
			.filter(({ workflowId }) => workflowId === WORKFLOWS.approval.id)
			.map(({ id }) => id);
		expect(shown.customData).toEqual({ dibbyRunId: runId });
		// The output of the process itself: n8n's console prints a line's message only.
		expect(real.n8n.logs()).toContain(
			`Dibby run ${runId} was started (execution ${stored.id}, node "Dibby", item 0)`,
		);
		expect(real.n8n.logs()).not.toContain(TOKEN);
	});
});
