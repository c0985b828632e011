import type { IDataObject, INode } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { agentNodeTypes, runAgent } from '../support/agent.cts';
import type { Model, ToolAnswer } from '../support/agent.cts';
import { startEngine } from '../support/engine.cts';
import { document, echo, fields, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { until, untilQuiet } from '../support/patience.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// Agents up to version 2 call their tools themselves, within the execution of the agent's node.
const suite = useSuite();
const echoN = fields({
	name: 'n',
	type: 'number',
	value: '={{ $fromAI("n", "a number", "number") }}',
});
const WAIT = { waitForCompletion: true };
const PDF = inMemoryFile('a scan of an invoice', 'application/pdf', 'invoice.pdf');
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST');
const items = (count: number) => Array.from({ length: count }, (_value, n) => ({ json: { n } }));

beforeEach(async () => {
	const more = await agentNodeTypes();
	suite.engine = await startEngine({ token: TOKEN, baseUrl: suite.sandbox.url, more });
});

async function ask(
	thinks: Model,
	parameters: IDataObject = {},
	node: Partial<INode> = {},
	count = 1,
): Promise<void> {
	const tool = echo({ ...WAIT, ...echoN, ...parameters }, node);
	const { error } = await runAgent(suite.engine, tool, { items: items(count) }, thinks);
	expect(error).toBeUndefined();
}

/** The run in a tool's answer. */
function runOf({ text, error }: ToolAnswer): IDataObject {
	expect(error).toBeUndefined();
	const [run] = JSON.parse(text ?? '[]') as [IDataObject?];
	return run ?? {};
}

/** What the model is told: an error is an answer, since these agents hand the model nothing of what a tool throws. */
const told = ({ text, error }: ToolAnswer) => {
	expect(error).toBeUndefined();
	return text ?? '';
};

test.each([1, 2, 3])(
	'with %d items in the agent, each call starts a run and gets its result',
	async (count) => {
		const answers: ToolAnswer[] = [];
		await ask(
			async (call, itemIndex) => void answers.push(await call({ n: itemIndex })),
			{ output: 'output' },
			{},
			count,
		);
		const results = items(count).map(({ json }) => json);
		const runIds = suite.sandbox.runIds;
		expect(answers.map(runOf)).toEqual(
			results.map((json, index) => ({ ...json, dibbyRunId: runIds[index] })),
		);
		expect(suite.sandbox.runs.size).toBe(count);
	},
);

test('a second call with the same arguments starts a second run, as the first result was delivered', async () => {
	const answers: ToolAnswer[] = [];
	await ask(async (call) => {
		answers.push(await call({ n: 7 }));
		answers.push(await call({ n: 7 }));
	});
	expect(answers.map(runOf).map(({ id }) => id)).toEqual(suite.sandbox.runIds);
	expect(suite.sandbox.runs.size).toBe(2);
});

test('the same call for another item of the agent starts another run', async () => {
	const answers: ToolAnswer[] = [];
	await ask(async (call) => void answers.push(await call({ n: 7 })), {}, {}, 3);
	expect(answers.map(runOf).map(({ id }) => id)).toEqual(suite.sandbox.runIds);
	expect(suite.sandbox.runs.size).toBe(3);
});

test.each([
	['the same arguments', [7, 7, 7]],
	['different arguments', [1, 2, 3]],
])('parallel calls with %s start a run each, and each gets its own', async (_what, numbers) => {
	let answers: ToolAnswer[] = [];
	await ask(async (call) => {
		answers = await Promise.all(numbers.map(async (n) => await call({ n })));
	});
	const runs = answers.map(runOf);
	expect(runs.map(({ output }) => (output as IDataObject).n)).toEqual(numbers);
	expect(new Set(runs.map(({ id }) => id))).toEqual(new Set(suite.sandbox.runs.keys()));
	expect(suite.sandbox.runs.size).toBe(3);
});

test.each([1, 3])(
	'with %d items in the agent, a call after one that failed finds the run that was started',
	async (count) => {
		suite.sandbox.failOn('GET', { status: 401 }, 1);
		const answers: ToolAnswer[] = [];
		await ask(
			async (call, itemIndex) => {
				if (itemIndex > 0) return;
				answers.push(await call({ n: 7 }));
				answers.push(await call({ n: 7 }));
			},
			{},
			{},
			count,
		);
		const [failed, found] = answers as [ToolAnswer, ToolAnswer];
		expect(told(failed)).toMatch(/token/);
		expect(runOf(found)).toMatchObject({ status: 'FINISHED', output: { n: 7 } });
		expect(posts()).toHaveLength(1);
	},
);

test("in n8n's Retry of an execution, one of two parallel calls takes the run that was left over", async () => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const tool = echo({ ...WAIT, ...echoN });
	const first = await runAgent(suite.engine, tool, {}, async (call) => void (await call({ n: 7 })));
	const contextData = first.run.data.executionData?.contextData;
	let answers: ToolAnswer[] = [];
	await runAgent(suite.engine, tool, { contextData }, async (call) => {
		answers = await Promise.all([call({ n: 7 }), call({ n: 7 })]);
	});
	const ids = answers.map(runOf).map(({ id }) => id);
	expect(new Set(ids)).toEqual(new Set(suite.sandbox.runs.keys()));
	expect(suite.sandbox.runs.size).toBe(2);
});

test('cancelling during a call ends its polls', async () => {
	suite.clock.restore();
	suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
	let cancel = () => {};
	const running = runAgent(
		suite.engine,
		echo({ ...WAIT, ...echoN, options: { pollInterval: 0.05 } }),
		{ onStart: (execution) => (cancel = execution.cancel) },
		async (call) => void (await call({ n: 7 })),
	);
	await until(() => suite.sandbox.requests.length > 1);
	cancel();
	await running;
	await untilQuiet(() => suite.sandbox.requests.length, 300);
});

test('a call after one that failed with other arguments starts a run', async () => {
	suite.sandbox.failOn('GET', { status: 401 }, 1);
	const answers: ToolAnswer[] = [];
	await ask(async (call) => {
		answers.push(await call({ n: 7 }));
		answers.push(await call({ n: 8 }));
	});
	expect(runOf(answers[1] ?? {})).toMatchObject({ output: { n: 8 } });
	expect(posts()).toHaveLength(2);
});

test.each([1, 3])(
	"with %d items in the agent, the tool's own Retry On Fail starts nothing twice",
	async (count) => {
		suite.sandbox.failOn('GET', { status: 401 }, 1);
		const answers: ToolAnswer[] = [];
		await ask(
			async (call, itemIndex) => void answers.push(await call({ n: itemIndex })),
			{ output: 'output' },
			{ retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			count,
		);
		expect(answers.map(runOf)).toMatchObject(items(count).map(({ json }) => json));
		expect(posts()).toHaveLength(count);
	},
);

describe('a file of the item that the agent works on', () => {
	const tool = triggerRun(WORKFLOWS.digest.id, { ...WAIT, ...document('document', '*') });

	test('is sent, though the model never sees it', async () => {
		const answers: ToolAnswer[] = [];
		const job = { items: [{ json: {}, binary: { data0: PDF } }] };
		await runAgent(suite.engine, tool, job, async (call) => void answers.push(await call({})));
		expect(runOf(answers[0] ?? {})).toMatchObject({
			output: { bytes: 20, mediaType: 'application/pdf' },
		});
	});

	test('is not chosen among several items: n8n does not say which one a call is about', async () => {
		const answers: ToolAnswer[] = [];
		const one = { json: {}, binary: { data0: PDF } };
		await runAgent(suite.engine, tool, { items: [one, one] }, async (call) => {
			answers.push(await call({}));
		});
		expect(told(answers[0] ?? {})).toMatch(/no binary field.*The item has no files/);
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});

describe('the answer that the model gets', () => {
	async function answerTo(output: unknown, parameters: IDataObject = {}): Promise<string> {
		suite.sandbox.failOn('GET', { kind: 'output', output });
		const answers: ToolAnswer[] = [];
		await ask(async (call) => void answers.push(await call({ n: 1 })), {
			output: 'output',
			...parameters,
		});
		return answers[0]?.text ?? '';
	}
	const base64 = Buffer.from('a page '.repeat(5_000)).toString('base64');

	test.each([
		['a document', { scan: `data:application/pdf;base64,${base64}` }],
		['a document that stays in the JSON', { scan: `data:application/pdf;base64,${base64}` }],
		['a document inside a text', { text: `See data:image/png;base64,${base64} there` }],
		['a bare document', { scan: base64 }],
		['a document in lines', { scan: base64.replace(/.{76}/g, '$&\r\n') }],
	])('never holds the content of %s', async (what, output) => {
		const documentsAsFiles = !what.includes('stays');
		const text = await answerTo(output, { options: { documentsAsFiles, agentAnswerLimit: 0 } });
		expect(text).not.toContain(base64.slice(0, 20));
		expect(text.length).toBeLessThan(300);
	});

	test('names a file in a short text', async () => {
		const text = await answerTo({ scan: `data:application/pdf;base64,${base64}` });
		expect(JSON.parse(text)).toMatchObject([
			{ scan: 'File scan.pdf (application/pdf, 35000 bytes)' },
		]);
	});

	test.each([
		['long texts', { vendor: 'ACME', text: 'word '.repeat(5_000) }],
		['long lists', { vendor: 'ACME', lines: Array.from({ length: 5_000 }, (_v, n) => ({ n })) }],
		['many long texts', { vendor: 'ACME', lines: Array(500).fill('word '.repeat(500)) }],
		['many fields', Object.fromEntries(Array.from({ length: 999 }, (_v, n) => [`f${n}`, n]))],
	])('is short where the result has %s, and says so', async (_what, output) => {
		const text = await answerTo(output);
		expect(text.length).toBeLessThanOrEqual(2_010);
		const [answer] = JSON.parse(text) as [IDataObject];
		expect(answer.dibbyNote).toMatch(/^Shortened: the whole result has \d+ characters$/);
		if ('vendor' in output) expect(answer.vendor).toBe('ACME');
	});

	test('is whole when the user wants that', async () => {
		const output = { text: 'word '.repeat(5_000) };
		const text = await answerTo(output, { options: { agentAnswerLimit: 0 } });
		expect(JSON.parse(text)).toMatchObject([output]);
	});

	test('is left alone outside an agent', async () => {
		const output = { text: 'word '.repeat(5_000) };
		suite.sandbox.failOn('GET', { kind: 'output', output });
		const step = triggerRun(WORKFLOWS.echo.id, { ...WAIT, output: 'output' });
		const { items: results } = await suite.engine.run(step);
		expect(results[0]?.json).toEqual(output);
	});
});

test("when Dibby refuses the inputs, the message that the model sees has Dibby's words", async () => {
	const body = JSON.stringify({ message: 'Input n must be at least 10' });
	suite.sandbox.failOn('POST', { status: 422, body });
	const answers: ToolAnswer[] = [];
	await ask(async (call) => void answers.push(await call({ n: 7 })));
	expect(told(answers[0] ?? {})).toContain('Input n must be at least 10');
});

test('with Retry On Fail, an error is thrown, since n8n calls the tool again for nothing else', async () => {
	suite.sandbox.failOn('GET', { status: 401 });
	const answers: ToolAnswer[] = [];
	const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
	await ask(async (call) => void answers.push(await call({ n: 7 })), {}, node);
	const [id = 'none'] = suite.sandbox.runs.keys();
	expect(answers[0]?.error).toContain(id);
	expect(posts()).toHaveLength(1);
});

describe('a run that was started, though the call ended with an error', () => {
	const PAID = 'Do not call this tool again with these inputs. That would start another paid run.';
	async function callTwice(node: Partial<INode> = {}): Promise<string[]> {
		const answers: ToolAnswer[] = [];
		await ask(
			async (call) => {
				answers.push(await call({ n: 7 }), await call({ n: 7 }));
			},
			{},
			node,
		);
		return answers.map(told);
	}

	describe.each([
		['with On Error: Stop Workflow', {}],
		['with On Error: Continue', { onError: 'continueRegularOutput' as const }],
	])('%s', (_how, node) => {
		test('a failed run is told with its ID, and not started again by a second call', async () => {
			const body = JSON.stringify({
				id: 'run_1',
				status: 'FAILED',
				output: { message: 'no text' },
			});
			suite.sandbox.failOn('any', { status: 200, body });
			for (const answer of await callTwice(node)) {
				expect(answer).toContain('run_1');
				expect(answer).toContain('no text');
				expect(answer).toContain(PAID);
			}
			expect(posts()).toHaveLength(1);
		});

		test('an unknown outcome is told, and nothing is sent by a second call', async () => {
			suite.sandbox.failOn('POST', { status: 500, body: '' });
			for (const answer of await callTwice(node)) {
				expect(answer).toContain('A run may have been started');
				expect(answer).toContain(PAID);
			}
			expect(posts()).toHaveLength(1);
		});

		test('an error while it is waited for is told with its ID', async () => {
			suite.sandbox.failOn('GET', { status: 401 });
			const answers = await callTwice(node);
			const [id = 'none'] = suite.sandbox.runs.keys();
			for (const answer of answers) {
				expect(answer).toContain(id);
				expect(answer).toContain(PAID);
			}
			expect(posts()).toHaveLength(1);
		});
	});
});

describe('at the time limit', () => {
	const slow = useSuite({ advance: 'time', stepMs: 3_600_000 });

	test('the message that the model sees has the ID, and the next call finds the run', async () => {
		const more = await agentNodeTypes();
		const engine = await startEngine({ token: TOKEN, baseUrl: slow.sandbox.url, more });
		const tool = echo({ ...WAIT, ...echoN, timeLimit: 0.1 });
		const answers: ToolAnswer[] = [];
		await runAgent(engine, tool, { items: items(2) }, async (call, itemIndex) => {
			if (itemIndex === 0) answers.push(await call({ n: 7 }), await call({ n: 7 }));
		});
		const [id] = slow.sandbox.runIds as [string];
		expect(slow.sandbox.runs.size).toBe(1);
		expect(answers).toHaveLength(2);
		for (const answer of answers) {
			expect(told(answer)).toContain(id);
			expect(told(answer)).toMatch(/continues in Dibby/);
		}
	});
});
