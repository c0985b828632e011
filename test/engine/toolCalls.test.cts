import { ExecuteContext } from 'n8n-core';
import type { IDataObject, INode } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { agentNodeTypes, runAgent } from '../support/agent.cts';
import type { ToolAnswer } from '../support/agent.cts';
import { startEngine } from '../support/engine.cts';
import type { Job, Running, Step } from '../support/engine.cts';
import { document, echo, fields, getRun } from '../support/jobs.cts';
import { inMemoryFile, numbers, triggerRun } from '../support/jobs.cts';
import { until, untilQuiet } from '../support/patience.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// Agents up to version 2 call their tools themselves, within the execution of the agent's node.
const suite = useSuite();
const FROM_AI = '={{ $fromAI("n", "a number", "number") }}';
const RETRY = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;

beforeEach(async () => {
	const more = await agentNodeTypes();
	suite.engine = await startEngine({ token: TOKEN, baseUrl: suite.sandbox.url, more });
});

const echoTool = (parameters: IDataObject = {}, node: Partial<INode> = {}) => {
	const n = fields({ name: 'n', type: 'number', value: FROM_AI });
	return echo({ waitForCompletion: true, ...n, ...parameters }, node);
};

const NO_JOB: Job = {};

/** Lets an agent call the tool with these numbers for each of its items, and returns what it was told. */
async function ask(
	calls: (itemIndex: number) => number[],
	{ tool = echoTool(), job = NO_JOB, isParallel = false } = {},
) {
	const answers: ToolAnswer[] = [];
	const { error, run } = await runAgent(suite.engine, tool, job, async (call, itemIndex) => {
		const made = calls(itemIndex).map((n) => async () => await call({ n }));
		if (isParallel) answers.push(...(await Promise.all(made.map(async (make) => await make()))));
		else for (const make of made) answers.push(await make());
	});
	expect(error).toBeUndefined();
	return { answers, contextData: run.data.executionData?.contextData };
}

/** What the model is told: an error is an answer, since these agents hand the model nothing of what a tool throws. */
const told = ({ text, error }: ToolAnswer) => {
	expect(error).toBeUndefined();
	return text ?? '';
};

/** The run in a tool's answer. */
const runOf = (answer: ToolAnswer) => (JSON.parse(told(answer)) as [IDataObject])[0];
const idsOf = (answers: ToolAnswer[]) => answers.map(runOf).map(({ id }) => id);
const twice = (itemIndex: number) => (itemIndex === 0 ? [7, 7] : []);

test.each([1, 3])('with %d items, each call starts a run, also a repeated one', async (count) => {
	const given = { tool: echoTool({ output: 'output' }), job: { items: numbers(count) } };
	const { answers } = await ask((n) => [n, n], given);
	const { runIds } = suite.sandbox;
	expect(answers.map(runOf)).toEqual(
		runIds.map((dibbyRunId, call) => ({ n: Math.floor(call / 2), dibbyRunId })),
	);
	expect(posts()).toBe(2 * count);
});

test.each([
	['the same arguments', [7, 7, 7]],
	['different arguments', [1, 2, 3]],
])('parallel calls with %s start a run each, and each gets its own', async (_what, calls) => {
	const { answers } = await ask(() => calls, { isParallel: true });
	expect(answers.map(runOf).map(({ output }) => (output as IDataObject).n)).toEqual(calls);
	expect(idsOf(answers).sort()).toEqual(suite.sandbox.runIds.sort());
	expect(posts()).toBe(3);
});

test.each([1, 3])('with %d items, a call after one that failed finds its run', async (count) => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const { answers } = await ask(twice, { job: { items: numbers(count) } });
	const [failed, found] = answers as [ToolAnswer, ToolAnswer];
	expect(told(failed)).toMatch(/token/);
	expect(runOf(found)).toMatchObject({ status: 'FINISHED', output: { n: 7 } });
	expect(posts()).toBe(1);
});

test('a call after one that failed with other arguments starts a run', async () => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const { answers } = await ask(() => [7, 8]);
	expect(runOf(answers[1] ?? {})).toMatchObject({ output: { n: 8 } });
	expect(posts()).toBe(2);
});

test("in n8n's Retry of an execution, one of two parallel calls takes the run that was left over", async () => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const { contextData } = await ask(() => [7]);
	const { answers } = await ask(twice, { job: { contextData }, isParallel: true });
	expect(idsOf(answers).sort()).toEqual(suite.sandbox.runIds.sort());
	expect(posts()).toBe(2);
});

test("in n8n's Retry of an execution that was killed during a call, the next call finds the run", async () => {
	suite.clock.restore();
	suite.sandbox.failOn('GET', { kind: 'hang' }, 1);
	let execution: Running | undefined;
	const killed = ask(() => [7], { job: { onStart: (running) => (execution = running) } });
	await until(() => suite.sandbox.requests.length === 2);
	const contextData = execution?.contextData();
	execution?.cancel();
	await killed.catch(() => {});
	const { answers } = await ask(() => [7], { job: { contextData } });
	expect(idsOf(answers)).toEqual(suite.sandbox.runIds);
	expect(posts()).toBe(1);
});

test("n8n's own agents call the tool without an execution that could remember its run", async () => {
	const context = Object.getPrototypeOf(ExecuteContext.prototype) as { getContext: unknown };
	const { getContext } = context;
	context.getContext = () => {
		throw new Error('`executionData` is not initialized');
	};
	const { answers } = await ask(() => [7, 7]);
	context.getContext = getContext;
	expect(idsOf(answers)).toEqual(suite.sandbox.runIds);
	expect(posts()).toBe(2);
});

test('cancelling during a call ends its polls', async () => {
	suite.clock.restore();
	suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
	let cancel = () => {};
	const running = ask(() => [7], {
		tool: echoTool({ options: { pollInterval: 0.05 } }),
		job: { onStart: (execution) => (cancel = execution.cancel) },
	}).catch(() => {});
	await until(() => suite.sandbox.requests.length > 1);
	cancel();
	await running;
	await untilQuiet(() => suite.sandbox.requests.length, 300);
});

test.each([1, 3])("with %d items, the tool's Retry On Fail starts nothing twice", async (count) => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const tool = echoTool({ output: 'output' }, RETRY);
	const { answers } = await ask((n) => [n], { tool, job: { items: numbers(count) } });
	expect(answers.map(runOf)).toMatchObject(numbers(count).map(({ json }) => json));
	expect(posts()).toBe(count);
});

test('with Retry On Fail, an error is thrown, since n8n calls the tool again for nothing else', async () => {
	suite.sandbox.failOn('GET', { status: 401 });
	const { answers } = await ask(() => [7], { tool: echoTool({}, RETRY) });
	expect(answers[0]?.error).toContain(suite.sandbox.runIds[0]);
	expect(posts()).toBe(1);
});

describe('a file of the item that the agent works on', () => {
	const given = { waitForCompletion: true, ...document('document', '*') };
	const tool = triggerRun(WORKFLOWS.digest.id, given);
	const files = { data0: inMemoryFile('an invoice', 'application/pdf') };
	const item = { json: {}, binary: files };

	test.each([
		['separate', item, 'filesystem'],
		['combined', { json: { _files: files } } as unknown as typeof item, 'filesystem'],
		['combined', item, 'default'],
	] as const)('is sent without the model: %s, %j, "%s"', async (setting, given, binaryMode) => {
		const more = await agentNodeTypes();
		const { url: baseUrl } = suite.sandbox;
		suite.engine = await startEngine({ token: TOKEN, baseUrl, more, binaryMode });
		const job = { items: [given], settings: { binaryMode: setting } };
		const { answers } = await ask(() => [1], { tool, job });
		const output = { bytes: 10, mediaType: 'application/pdf' };
		expect(answers.map(runOf)).toMatchObject([{ output }]);
	});

	// From version 3 on, the tool's item names the node before the agent, and after a human review a run that isn't there.
	test.each([0, 1])('is found at the node before a newer agent, in run %d', async (run) => {
		const sourceOverwrite = { previousNode: 'Manual Trigger', previousNodeRun: run };
		const items = [{ ...item, pairedItem: { item: 0, sourceOverwrite } }] as never;
		const result = await suite.engine.run({ ...tool, type: 'dibbyTool' }, { items });
		expect(result.items[0]?.json).toMatchObject({ output: { bytes: 10 } });
	});

	test('is not chosen among several items: n8n does not say which one a call is about', async () => {
		const { answers } = await ask(() => [1], { tool, job: { items: [item, item] } });
		expect(told(answers[0] ?? {})).toMatch(/no binary field.*The item has no files/);
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});

// What is hidden and how it is shortened: test/unit/agentAnswer.test.cts.
describe('the answer that the model gets', () => {
	async function answerTo(output: unknown, options: IDataObject = {}): Promise<string> {
		suite.sandbox.failOn('GET', { kind: 'output', output });
		const { answers } = await ask(() => [1], { tool: echoTool({ output: 'output', options }) });
		return told(answers[0] ?? {});
	}
	const long = { vendor: 'ACME', text: 'word '.repeat(5_000) };

	test('is short, and says so', async () => {
		const text = await answerTo(long);
		expect(text.length).toBeLessThanOrEqual(2_010);
		const dibbyNote = 'Shortened: the whole result has 25061 characters';
		expect(JSON.parse(text)).toMatchObject([{ vendor: 'ACME', dibbyNote }]);
	});

	test('is whole when the user wants that, and outside an agent', async () => {
		expect(JSON.parse(await answerTo(long, { agentAnswerLimit: 0 }))).toMatchObject([long]);
		const { items } = await suite.engine.run(echo({ waitForCompletion: true, output: 'output' }));
		expect(items[0]?.json).toEqual(long);
	});
});

const NODES = [{}, { onError: 'continueRegularOutput' as const }];
const PAID = 'That could start another paid run.';

describe.each(NODES)('with the settings %j, a run that may be paid', (node) => {
	const body = '{"id":"run_1","status":"FAILED","output":{"message":"no text"}}';
	const RUNNING: Fault = { kind: 'unknownStatus', status: 'RUNNING' };
	const ONCE = `Do not call this tool again with these inputs. ${PAID}`;

	test.each<[string, 'POST' | 'GET' | 'any', Fault, string[]]>([
		['it failed', 'any', { status: 200, body }, ['run_1', 'no text', ONCE]],
		['its outcome is unknown', 'POST', { status: 500 }, ['A run may have been started', ONCE]],
		['it can not be polled', 'GET', { status: 401 }, [ONCE]],
		['it is not over in time', 'GET', RUNNING, ['continues in Dibby']],
	])('is told when %s, and a second call starts none', async (_what, on, fault, words) => {
		suite.sandbox.failOn(on, fault);
		const { answers } = await ask(twice, { tool: echoTool({ timeLimit: 0.1 }, node) });
		expect(answers).toHaveLength(2);
		for (const word of [...words, ...suite.sandbox.runIds]) {
			for (const answer of answers) expect(told(answer)).toContain(word);
		}
		expect(posts()).toBe(1);
	});
});

// n8n's engine executes the tool of a newer agent as a node.
test.each(NODES)('an error of a tool that n8n executes has all in one text: %j', async (node) => {
	const errorOf = async (step: Step) => {
		const { error, items } = await suite.engine.run({ ...step, ...node, type: 'dibbyTool' });
		return error?.message ?? JSON.stringify(items[0]?.json);
	};
	suite.sandbox.failOn('GET', { status: 401 });
	const message = await errorOf(echo({ waitForCompletion: true }));
	for (const words of ['rejected the token', 'paste it', suite.sandbox.runIds[0], PAID]) {
		expect(message).toContain(words);
	}
	const get = await errorOf(getRun('run_1'));
	expect(get).toContain('run_1');
	expect(get).not.toContain(PAID);
	suite.sandbox.failOn('POST', { status: 401 });
	const neverStarted = await errorOf(echo());
	expect(neverStarted).toContain('No run was started by this request.');
	expect(neverStarted).not.toContain(PAID);
});
