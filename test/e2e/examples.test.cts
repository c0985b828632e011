import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { readWorkflow, withCredential } from '../../sandbox/editor/workflowFile.cts';
import type { WorkflowFile } from '../../sandbox/editor/workflowFile.cts';
import { useRealN8n } from './realN8n.cts';

const real = useRealN8n();
const EXAMPLES = join(__dirname, '..', '..', 'examples');
const NODE_TYPES = ['n8n-nodes-dibby.dibby', 'n8n-nodes-dibby.dibbyTool'];
const INVOICE = readFileSync(join(EXAMPLES, 'files', 'invoice.pdf'));

/** Imports an example as a user does who has chosen the credential, with some parameters set. */
async function importExample(file: string, change: (workflow: WorkflowFile) => void = () => {}) {
	const read = readWorkflow(readFileSync(join(EXAMPLES, `${file}.json`), 'utf8'));
	const workflow = withCredential(read, real.credential.type, real.credential, NODE_TYPES);
	change(workflow);
	return await real.client.createWorkflow(workflow);
}

function setParameters(workflow: WorkflowFile, node: string, parameters: object): void {
	const found = workflow.nodes.find(({ name }) => name === node);
	Object.assign(found?.parameters ?? {}, parameters);
}

async function execute(file: string, change?: (workflow: WorkflowFile) => void) {
	const { id } = await importExample(file, change);
	const execution = await real.client.waitForExecution(await real.client.run(id, 'Try It'));
	expect(execution.data?.resultData.error?.message).toBeUndefined();
	return execution.data;
}

test('every example has notes, and is executed here', () => {
	const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
	const tested = readFileSync(__filename, 'utf8');
	for (const file of files) {
		const { nodes } = readWorkflow(readFileSync(join(EXAMPLES, file), 'utf8'));
		expect(nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote')).toBe(true);
		expect(tested).toContain(`'${file.replace('.json', '')}'`);
	}
});

test('email attachments to a table', async () => {
	const rows = nodeItems({ data: await execute('email-attachments-to-table') }, 'Row').map(
		({ json }) => json,
	);
	expect(rows).toEqual([
		{
			vendor: 'Northwind Office Supplies Ltd',
			invoiceNumber: 'INV-2026-0417',
			date: '2026-03-14',
			total: 1770.5,
			currency: 'EUR',
		},
		{
			vendor: 'Baltic Freight OY',
			invoiceNumber: 'BF-88213',
			date: '2026-02-27',
			total: 5020.5,
			currency: 'USD',
		},
	]);
});

test('a watched folder: new files once', async () => {
	const workflow = await importExample('watched-folder', (read) =>
		setParameters(read, 'Read Files', { fileSelector: join(EXAMPLES, 'files', 'invoice*.pdf') }),
	);
	const files = async () => {
		const { data } = await real.client.waitForExecution(
			await real.client.run(workflow.id, 'Try It'),
		);
		return nodeItems({ data }, 'Row')
			.map(({ json }) => json.file)
			.sort();
	};
	expect(await files()).toEqual(['invoice-2.pdf', 'invoice.pdf']);
});

test('a form that answers', async () => {
	await real.client.activate(await importExample('form-upload-with-answer'));
	const before = real.sandbox.runs.size;
	const files = [
		{ field: 'field-0', name: 'invoice.pdf', type: 'application/pdf', bytes: INVOICE },
	];
	const response = await real.client.upload('dibby-invoice', files, {}, 'form');
	expect(response.status).toBe(200);
	for (let tries = 0; tries < 100 && real.sandbox.runs.size === before; tries++) {
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	const run = [...real.sandbox.runs.values()].at(-1);
	expect(run?.inputs.document).toMatchObject({
		mediaType: 'application/pdf',
		bytes: INVOICE.length,
	});
});

test('many files, one run each, with a limit', async () => {
	const before = real.sandbox.runs.size;
	const data = await execute('many-files-with-a-limit');
	expect(real.sandbox.runs.size).toBe(before + 12);
	const sums = nodeItems({ data }, 'Summarize').map(({ json }) => json);
	expect(sums).toEqual(
		expect.arrayContaining([
			{ vendor: 'Baltic Freight OY', sum_total: 30123, count_invoiceNumber: 6 },
		]),
	);
	expect(nodeItems({ data }, 'Look At It')).toEqual([]);
});

test('a run that a person must validate', async () => {
	const { id } = await importExample('wait-for-a-person');
	const execution = await real.client.run(id, 'Try It');
	// Within the minute before it falls asleep; what comes after that is tried in test/sleep.
	const pending = () =>
		[...real.sandbox.runs.values()].find(({ status, polls }) => status === 'RUNNING' && polls >= 2);
	for (let tries = 0; tries < 600 && !pending(); tries++)
		await new Promise((resolve) => setTimeout(resolve, 50));
	real.sandbox.finish(pending()?.id ?? '');
	const { data } = await real.client.waitForExecution(execution);
	expect(nodeItems({ data }, 'Validated').map(({ json }) => json)).toEqual([{ approved: true }]);
});

describe('a tool of an AI agent', () => {
	let model: Server;
	const seen: Array<{ messages: Array<{ role: string; content: unknown }>; tools?: unknown[] }> =
		[];

	/** A chat model that follows a script: it calls the tool once, and then says what the tool gave. */
	beforeAll(async () => {
		model = createServer((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString()));
			request.on('end', () => {
				const asked = JSON.parse(body) as (typeof seen)[number] & { stream?: boolean };
				seen.push(asked);
				const result = asked.messages.find(({ role }) => role === 'tool');
				const call = {
					name: 'Classify_With_Dibby',
					arguments: '{"text":"This is a complaint about an order"}',
				};
				const message = result
					? { role: 'assistant', content: `Dibby says ${JSON.stringify(result.content)}` }
					: {
							role: 'assistant',
							content: null,
							tool_calls: [{ id: 'call_1', type: 'function', function: call }],
						};
				const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
				const head = { id: 'chat_1', created: 1, model: 'scripted', usage };
				const finish_reason = result ? 'stop' : 'tool_calls';
				if (asked.stream) {
					response.setHeader('content-type', 'text/event-stream');
					const delta =
						'tool_calls' in message
							? { ...message, tool_calls: message.tool_calls?.map((one) => ({ index: 0, ...one })) }
							: message;
					response.write(
						`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
					);
					response.end('data: [DONE]\n\n');
				} else {
					response.setHeader('content-type', 'application/json');
					response.end(
						JSON.stringify({
							...head,
							object: 'chat.completion',
							choices: [{ index: 0, message, finish_reason }],
						}),
					);
				}
			});
		});
		await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
	});
	afterAll(() => {
		model.close();
		model.closeAllConnections();
	});

	test('the agent calls the Dibby workflow and uses its answer', async () => {
		const { port } = model.address() as AddressInfo;
		const credential = await real.client.createCredential('Scripted model', 'openAiApi', {
			apiKey: 'none',
			url: `http://127.0.0.1:${port}/v1`,
		});
		const workflow = await importExample('agent-tool', (read) => {
			const chat = read.nodes.find(({ name }) => name === 'Chat Model');
			if (chat) chat.credentials = { openAiApi: { id: credential.id, name: credential.name } };
		});
		await real.client.activate(workflow);
		const response = await real.client.call('dibby-agent', {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ question: 'What is this: "This is a complaint about an order"?' }),
		});
		const answer = await response.text();
		expect(seen.length).toBeGreaterThanOrEqual(2);
		expect(answer).toContain('complaint');
		expect(answer).toMatch(/label/);
		const run = [...real.sandbox.runs.values()].at(-1);
		expect(run?.inputs).toMatchObject({
			text: 'This is a complaint about an order',
			language: 'en',
			threshold: 0.5,
		});
	});
});
