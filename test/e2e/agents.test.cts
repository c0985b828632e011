import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { EXAMPLES_FOLDER } from '../../sandbox/editor/examples.cts';
import type { WorkflowFile } from '../../sandbox/editor/workflowFile.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { ExampleUser, nodeOf, setParameters } from './exampleWorkflows.cts';
import { useRealN8n } from './realN8n.cts';
import { ScriptedModel } from './scriptedModel.cts';
import type { ScriptedCall } from './scriptedModel.cts';
import { pdf } from './sketches.cts';

// examples/agent-tool.json in a real n8n, with a model that follows a script. docs/agents.md describes these cases.
const real = useRealN8n();
const user = new ExampleUser(real);
const CHAT = 'When Chat Message Received';
const QUESTION = 'What is the total of this invoice?';
const model = new ScriptedModel();
const INVOICE = readFileSync(join(EXAMPLES_FOLDER, 'files', 'invoice.pdf'));
const READ: ScriptedCall = { tool: 'Read_Invoice' };
const PAID = 'Do not call this tool again with these inputs';
const PDF_IN_BASE64 = INVOICE.toString('base64').slice(0, 40);

let address: string;
beforeAll(async () => {
	address = await model.start();
});
afterAll(() => model.stop());
afterEach(() => real.sandbox.setFaults([]));

interface Chat {
	agent: number;
	/** What the model does, one call after the other. */
	script?: ScriptedCall[];
	withFile?: boolean;
	/** Of the tool. */
	parameters?: object;
	onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	change?: (workflow: WorkflowFile) => void;
}

let chats = 0;

/** Publishes the example, and gives a way to send messages to its chat, which returns the error of an execution. */
async function openChat({ agent, parameters = {}, onError, change }: Chat) {
	const data = { apiKey: 'none', url: address };
	const { id, name } = await real.client.createCredential('Scripted model', 'openAiApi', data);
	const path = `chat-${++chats}`;
	const stored = await user.importExample('agent-tool', (workflow) => {
		nodeOf(workflow, 'Chat Model').credentials = { openAiApi: { id, name } };
		nodeOf(workflow, 'Agent').typeVersion = agent;
		const tool = nodeOf(workflow, 'Read Invoice');
		Object.assign(tool.parameters, parameters);
		if (onError !== undefined) tool.onError = onError;
		setParameters(workflow, CHAT, { public: true });
		nodeOf(workflow, CHAT).webhookId = path;
		change?.(workflow);
	});
	await real.client.activate(stored);
	return async (withFile = true, chatInput = QUESTION) => {
		const files = withFile ? [pdf('files', INVOICE)] : [];
		const fields = { action: 'sendMessage', sessionId: 'session-1', chatInput };
		await (await real.client.upload(`${path}/chat`, files, fields)).text();
		const execution = await user.newestExecution(stored.id);
		const { data: ended } = await real.client.waitForExecution(execution);
		return ended?.resultData.error;
	};
}

/** Sends a message: what the model was told of its calls, the error, and how many runs were started. */
async function chat(options: Chat) {
	const say = await openChat(options);
	model.follow(options.script ?? [READ]);
	const before = real.sandbox.runs.size;
	const error = await say(options.withFile);
	expect(model.told).not.toContain(PDF_IN_BASE64);
	return {
		told: model.results,
		error: error === undefined ? undefined : `${error.message} ${error.description ?? ''}`,
		runs: real.sandbox.runs.size - before,
	};
}

const lastRun = () => [...real.sandbox.runs.values()].at(-1);
const to = (workflow: { url: string }) => ({
	workflow: { __rl: true, mode: 'url', value: workflow.url },
});

describe.each([2.2, 3])('agent version %d', (agent) => {
	test('has Dibby read the file that was uploaded in the chat', async () => {
		const { told, runs } = await chat({ agent });
		expect(told).toHaveLength(1);
		expect(told[0]).toContain('Northwind Office Supplies Ltd');
		expect(told[0]).toContain(lastRun()?.id);
		expect(runs).toBe(1);
		expect(lastRun()?.inputs.document).toMatchObject({ bytes: INVOICE.length });
		expect(model.told).toContain('Each call costs money');
	});

	test('answers a later question from memory, without another run', async () => {
		const say = await openChat({ agent });
		const before = real.sandbox.runs.size;
		model.follow([READ]);
		await say();
		expect(model.results[0]).toContain('1770.5');
		model.follow([]);
		await say(false, 'Who sent it?');
		expect(model.told).toContain(QUESTION);
		expect(model.told).toContain('Northwind Office Supplies Ltd');
		expect(real.sandbox.runs.size).toBe(before + 1);
	});

	test('has Dibby read the file that was uploaded, also where the name of the chat holds braces', async () => {
		const rename = (workflow: WorkflowFile) => {
			const { [CHAT]: connection = {}, ...others } = workflow.connections;
			const name = '}} "Chat" {{ $json }}';
			nodeOf(workflow, CHAT).name = name;
			workflow.connections = { ...others, [name]: connection };
		};
		const { told, runs } = await chat({ agent, change: rename });
		expect(told[0]).toContain('Northwind Office Supplies Ltd');
		expect(runs).toBe(1);
	});

	test('has Dibby read a file that an expression gives', async () => {
		const binaryField =
			"={{ $('When Chat Message Received').first().binary[Object.keys($('When Chat Message Received').first().binary)[0]] }}";
		const documents = { rows: [{ inputName: 'document', binaryField, sendAs: 'single' }] };
		const { told, runs } = await chat({ agent, parameters: { documents } });
		expect(told[0]).toContain('Northwind Office Supplies Ltd');
		expect(runs).toBe(1);
	});

	test('gets documents of a result as short texts', async () => {
		const parameters = {
			...to(WORKFLOWS.report),
			documents: {},
			specifyInputs: 'json',
			jsonInputs: '{ "title": "Quarter", "rows": [1, 2] }',
		};
		const { told } = await chat({ agent, withFile: false, parameters });
		expect(told[0]).toMatch(/File report\.pdf \(application\/pdf, \d+ bytes\)/);
		expect(told[0]?.length).toBeLessThan(1_000);
	});

	test('fetches a run with Get Run as a second tool', async () => {
		const { told, runs } = await chat({
			agent,
			parameters: { waitForCompletion: false },
			script: [READ, { tool: 'Fetch_Run', args: {} }],
			change: (workflow) => {
				workflow.nodes.push({
					...nodeOf(workflow, 'Read Invoice'),
					id: 'fetch-run',
					name: 'Fetch Run',
					parameters: {
						descriptionType: 'manual',
						toolDescription: 'Fetches a run',
						operation: 'getRun',
						runId: real.sandbox.runIds.at(-1) ?? '',
					},
				});
				workflow.connections['Fetch Run'] = {
					ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]],
				};
			},
		});
		expect(told[0]).toContain('PENDING');
		expect(told[1]).toContain('dibbyRunId');
		expect(runs).toBe(1);
	});

	describe.each(['stopWorkflow', 'continueRegularOutput'] as const)('On Error: %s', (onError) => {
		const endsExecution = agent === 3 && onError === 'stopWorkflow';

		/** The words about each call: what the model was told, or the error that ended the execution. */
		function wordsOf({ told, error }: Awaited<ReturnType<typeof chat>>, calls = 1) {
			if (!endsExecution) {
				expect(error).toBeUndefined();
				expect(told).toHaveLength(calls);
				return told;
			}
			expect(told).toEqual([]);
			return [error ?? ''];
		}
		const twice = [READ, READ];
		const posts = () => real.sandbox.requests.filter(({ method }) => method === 'POST').length;

		test('says what is missing when no file was uploaded', async () => {
			const outcome = await chat({ agent, onError, withFile: false });
			expect(wordsOf(outcome)[0]).toContain('The item has no files');
			expect(outcome.runs).toBe(0);
		});

		test('says why Dibby refuses the inputs', async () => {
			real.sandbox.failOn('POST', { status: 422, body: '{"message":"one page only"}' });
			const outcome = await chat({ agent, onError });
			expect(wordsOf(outcome)[0]).toContain('one page only');
			expect(outcome.runs).toBe(0);
		});

		test("says a failed run's ID and reason, and a second call starts none", async () => {
			const output = { message: 'the scan is blank' };
			const body = JSON.stringify({ id: 'run_blank', status: 'FAILED', output });
			real.sandbox.failOn('any', { status: 200, body });
			const before = posts();
			const outcome = await chat({ agent, onError, script: twice });
			for (const words of wordsOf(outcome, 2)) {
				expect(words).toContain('run_blank');
				expect(words).toContain('the scan is blank');
				expect(words).toContain(PAID);
			}
			expect(posts()).toBe(before + 1);
		});

		test('says the ID of a run that is not over in time, and a second call finds it', async () => {
			const parameters = { ...to(WORKFLOWS.approval), timeLimit: 0.01 };
			const outcome = await chat({ agent, onError, script: twice, parameters });
			for (const words of wordsOf(outcome, 2)) {
				expect(words).toContain(lastRun()?.id);
				expect(words).toContain(PAID);
				expect(words).not.toContain('Sleep');
			}
			expect(outcome.runs).toBe(1);
		});

		test('says that nobody knows, and a second call sends nothing', async () => {
			real.sandbox.failOn('POST', { status: 500, body: '', taken: true });
			const before = posts();
			const outcome = await chat({ agent, onError, script: twice });
			for (const words of wordsOf(outcome, 2)) {
				expect(words).toContain('A run may have been started');
			}
			expect(posts()).toBe(before + 1);
		});
	});

	// n8n loses whatever such a tool gives an agent of version 3, so nothing may be paid for.
	test('with an error output, starts a run only where its result arrives', async () => {
		const { told, runs } = await chat({ agent, onError: 'continueErrorOutput' });
		expect(told).toHaveLength(1);
		expect(told[0]?.includes('Northwind Office Supplies Ltd')).toBe(agent < 3);
		expect(runs).toBe(agent < 3 ? 1 : 0);
	});
});
