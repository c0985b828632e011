import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Step } from '../support/engine.cts';
import { document, fields, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// What the texts of messages.test.cts don't show: quotes, links, progress, and the data of an error.
const suite = useSuite();
const PDF = inMemoryFile('a scan', 'application/pdf');

async function errorOf(step: Step, item: Partial<INodeExecutionData> = {}) {
	const { error } = await suite.engine.run(step, { items: [{ json: {}, ...item }] });
	return { message: error?.message, description: error?.description };
}

const echo = (parameters: IDataObject = {}, node = {}) =>
	triggerRun(WORKFLOWS.echo.id, { documents: {}, specifyInputs: 'item', ...parameters }, node);
const failWith = (fault: Fault) => suite.sandbox.failOn('any', fault);

describe('the quote in a description', () => {
	test.each(['', '{}', ' { } ', '[]', '[ ]', '\n<html>words</html>', 'null'])(
		'a quote of the body %j is left out, because it tells the user nothing',
		async (body) => {
			failWith({ status: 418, body });
			expect((await errorOf(echo())).description).toBe(
				`${body === 'null' ? 'Dibby says: "null". ' : ''}No run was started. Check 'Base URL' in the Dibby API credential and the parameters of the node.`,
			);
		},
	);

	test('long text is shortened', async () => {
		failWith({ status: 403, body: ` ${'word\n\n'.repeat(1000)}` });
		const { description = '' } = await errorOf(echo());
		expect(description.slice(0, 614)).toBe(`Dibby says: "${'word '.repeat(121).slice(0, 600)}…`);
	});

	test('many inputs, a list of documents, and none', async () => {
		failWith({ status: 422, body: '' });
		const list = triggerRun(WORKFLOWS.echo.id, {
			...fields(
				{ name: 't', type: 'string', value: 'x' },
				{ name: 'b', type: 'boolean', value: true },
			),
			...document('all', '*', 'list'),
		});
		const binary = { a: PDF, b: inMemoryFile('text', 'text/plain') };
		expect((await errorOf(list, { binary })).description).toContain(
			'Sent: t (string), b (boolean), all (list of documents: application/pdf, 6 bytes; text/plain, 4 bytes).',
		);
		expect((await errorOf(echo())).description).toContain('Sent: no inputs.');
	});
});

test("the item isn't named in a message that the item carries itself", async () => {
	const jsonInputs = '={{ $json.inputs }}';
	const step = echo({ specifyInputs: 'json', jsonInputs }, { onError: 'continueRegularOutput' });
	const items = [{ json: { inputs: {} } }, { json: { inputs: 5 } }];
	const { items: results } = await suite.engine.run(step, { items });
	expect(results[1]?.json.message).toBe(
		'The inputs must be a JSON object, but the value is: number',
	);
});

describe("the workflow's page, if its URL is known", () => {
	const page =
		'https://dibby.ai/application/11111111-1111-4111-8111-111111111111/workflow/22222222-2222-4222-8222-222222222222';
	const failing = (value: string, node = {}) =>
		echo({ workflow: { __rl: true, mode: 'url', value }, waitForCompletion: true }, node);
	beforeEach(() => {
		suite.sandbox.failOn('any', {
			status: 200,
			body: JSON.stringify({ id: 'run_1', status: 'FAILED' }),
		});
	});

	test.each([page, ` ${page}/edit?"><b>x `])('is linked from a failed run: %s', async (address) => {
		const { description } = await errorOf(failing(address));
		expect(description).toMatch(
			`Open the run run_1 in Dibby (<a href="${page}" target="_blank">${page}</a>) to see which`,
		);
	});

	test('is plain text in the item that stands for the error', async () => {
		const { items } = await suite.engine.run(failing(page, { onError: 'continueRegularOutput' }));
		expect(items[0]?.json.error).toMatchObject({
			description: expect.stringContaining(`in Dibby (${page}) to see`) as string,
		});
	});
});

describe('a run', () => {
	const RUN = { id: 'run_1', status: 'FAILED' };
	const end =
		"Open the run run_1 in Dibby to see which step failed and why. To output failed runs as data instead, set 'When the Run Fails' to 'Return the Run'.";
	const wait = getRun('run_1', { waitForCompletion: true, timeLimit: 2 });

	test.each([
		[{ ...RUN, steps: 5, stepsCompleted: 2 }, ' after 2 of 5 steps', ''],
		[{ ...RUN, steps: 5 }, '', ''],
		[{ ...RUN, stepsCompleted: 2 }, '', ''],
		[{ ...RUN, error: 'the scan is blank' }, '', 'Dibby says: "the scan is blank". '],
		[{ ...RUN, message: 'no text' }, '', 'Dibby says: "no text". '],
		[
			{ ...RUN, output: { message: 'in the output' }, error: 'not this' },
			'',
			'Dibby says: "in the output". ',
		],
		[{ ...RUN, output: null }, '', ''],
		[{ ...RUN, output: {}, error: 'blank' }, '', 'Dibby says: "blank". '],
		[{ ...RUN, output: { total: 1 }, errors: ['no date'] }, '', 'Dibby says: "no date". '],
		[{ ...RUN, output: null, detail: 'no page' }, '', 'Dibby says: "no page". '],
	])('that failed: %j', async (run, progress, words) => {
		failWith({ status: 200, body: JSON.stringify(run) });
		expect(await errorOf(wait)).toEqual({
			message: `The Dibby run failed${progress}`,
			description: `${words}${end}`,
		});
	});

	test('reports its progress whenever it changes', async () => {
		const messages: unknown[] = [];
		const seen = [
			{ status: 'PENDING' },
			{ status: 'RUNNING', steps: 3 },
			{ status: 'RUNNING', stepsCompleted: 1 },
			{ status: 'RUNNING', steps: 3, stepsCompleted: 1 },
			{ status: 7, steps: 3, stepsCompleted: 2 },
			{ status: 'FINISHED' },
		];
		suite.sandbox.setFaults(
			seen.map((run, index) => ({
				on: 'GET' as const,
				nth: index + 1,
				fault: { status: 200, body: JSON.stringify({ id: 'run_1', ...run }) },
			})),
		);
		await suite.engine.run(wait, { onMessage: (message) => messages.push(message) });
		const told = [...JSON.stringify(messages).matchAll(/Dibby run run_1: ([^"\\]+)/g)];
		expect(told.map(([, words]) => words)).toEqual([
			'RUNNING',
			'RUNNING, 1 of 3 steps',
			'unknown, 2 of 3 steps',
			'FINISHED',
		]);
	});
});

describe('the item that stands for an error', () => {
	const node = { onError: 'continueRegularOutput' as const };

	test.each([
		[500, { httpStatus: 500, runMayHaveStarted: true }],
		[404, { httpStatus: 404 }],
	])('HTTP %d', async (status, more) => {
		failWith({ status, body: '' });
		const { items } = await suite.engine.run(echo({}, node));
		const message = items[0]?.json.message;
		expect(items[0]?.json).toEqual({
			message,
			error: { message, description: expect.stringMatching(/\w/) as string, ...more },
		});
	});

	test('a wrong input', async () => {
		const { items } = await suite.engine.run(triggerRun(WORKFLOWS.echo.id, document('x'), node));
		const message = 'The item has no binary field "data" for the input "x"';
		expect(items[0]?.json).toEqual({
			message,
			error: { message, description: expect.stringMatching(/\w/) as string },
		});
	});
});
