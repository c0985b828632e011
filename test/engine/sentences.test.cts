import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Step } from '../support/engine.cts';
import { document, fields, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Users act on these texts, so the tests spell out every sentence.
const suite = useSuite();

const NOTHING_SENT = ' Nothing was sent to Dibby.';
const LOOK_FIRST =
	'A run may have been started. Before you try again, look in Dibby for a run of this workflow at this time, because you pay for every run.';
const PDF = inMemoryFile('a scan', 'application/pdf');

async function errorOf(step: Step, item: Partial<INodeExecutionData> = {}) {
	const { error } = await suite.engine.run({ steps: [step], items: [{ json: {}, ...item }] });
	return { message: error?.message, description: error?.description };
}

const echo = (parameters: IDataObject = { specifyInputs: 'item' }) =>
	triggerRun(WORKFLOWS.echo.id, parameters);
const failWith = (fault: Fault, on: 'POST' | 'GET' | 'any' = 'any') =>
	suite.sandbox.setFaults([{ name: 'fault', on, fault }]);

describe('a response to a start', () => {
	const sent = 'n (number), document (document: application/pdf, 6 bytes)';
	const CHECK_INPUTS = `Input names and types must match the workflow's Start Node exactly. Sent: ${sent}.`;
	const step = triggerRun(WORKFLOWS.echo.id, {
		...fields({ name: 'n', type: 'number', value: 1 }),
		...document('document'),
	});

	test.each([
		[
			401,
			'Dibby rejected the token',
			'Copy the token from your Dibby account again, paste it into the Dibby API credential, and save.',
		],
		[
			403,
			'Dibby denied access with this token',
			'Make sure that the token belongs to the account that owns the workflow.',
		],
		[
			404,
			"Dibby can't find this workflow",
			"Open the workflow in Dibby, copy its URL, and paste it into 'Workflow' again. Make sure that the token belongs to the same account and that 'Base URL' in the Dibby API credential is correct (usually https://dibby.ai/api).",
		],
		[400, 'Dibby rejected the inputs', CHECK_INPUTS],
		[422, 'Dibby rejected the inputs', CHECK_INPUTS],
		[413, 'The documents are too large for Dibby', `Send smaller or fewer files. Sent: ${sent}.`],
		[
			429,
			'Dibby is receiving too many requests',
			"The node reached its retry limit. Wait a while, lower 'Max Parallel Requests' under 'Options', or spread out the items with 'Batching' in the node's settings.",
		],
		[
			503,
			"Dibby isn't available at the moment",
			'The node reached its retry limit. Execute it again later.',
		],
		[500, "Dibby couldn't process the request (HTTP 500)", LOOK_FIRST],
		[502, "Dibby couldn't process the request (HTTP 502)", LOOK_FIRST],
		[
			300,
			"The 'Base URL' redirects to another URL",
			`${LOOK_FIRST} The redirect points to another URL. To protect the token, the node doesn't follow it. If you trust that URL, enter it as 'Base URL' in the Dibby API credential.`,
		],
		[
			418,
			'Dibby rejected the request (HTTP 418)',
			"Check 'Base URL' in the Dibby API credential and the parameters of the node.",
		],
	])('HTTP %d is "%s"', async (status, message, advice) => {
		failWith({ status, body: '{"error":{"message":"server words"}}' });
		const items = [{ json: {}, binary: { data: PDF } }];
		const { error } = await suite.engine.run({ steps: [step], items });
		const notStarted = advice.startsWith(LOOK_FIRST) ? '' : 'No run was started. ';
		const description = `Dibby says: "server words". ${notStarted}${advice}`;
		expect(error).toMatchObject({ message, description, httpCode: String(status) });
	});

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

describe('the item that a message is about', () => {
	const failSecond = triggerRun(WORKFLOWS.echo.id, {
		specifyInputs: 'json',
		jsonInputs: '={{ $json.inputs }}',
	});
	const items = [{ json: { inputs: {} } }, { json: { inputs: 5 } }];

	test("is named like in n8n's own messages", async () => {
		const { error } = await suite.engine.run({ steps: [failSecond], items });
		expect(error?.message).toBe(
			'The inputs must be a JSON object, but the value is: number [item 1]',
		);
	});

	test("isn't named if there is only one", async () => {
		const { error } = await suite.engine.run({ steps: [failSecond], items: items.slice(1) });
		expect(error?.message).toBe('The inputs must be a JSON object, but the value is: number');
	});

	test("isn't named if the item carries the error itself", async () => {
		const step = { ...failSecond, onError: 'continueRegularOutput' as const };
		const { items: results } = await suite.engine.run({ steps: [step], items });
		expect(results[1]?.json.message).toBe(
			'The inputs must be a JSON object, but the value is: number',
		);
	});
});

describe("the workflow's page, if its URL is known", () => {
	const page =
		'https://dibby.ai/application/11111111-1111-4111-8111-111111111111/workflow/22222222-2222-4222-8222-222222222222';
	const failing = (value: string, node = {}) =>
		triggerRun(
			'',
			{
				workflow: { __rl: true, mode: 'url', value },
				waitForCompletion: true,
				specifyInputs: 'item',
			},
			node,
		);
	beforeEach(() => {
		suite.sandbox.setFaults([
			{
				name: 'failed',
				on: 'any',
				fault: { status: 200, body: JSON.stringify({ id: 'run_1', status: 'FAILED' }) },
			},
		]);
	});

	test.each([page, ` ${page}/edit?"><b>x `])('is linked from a failed run: %s', async (address) => {
		const { description } = await errorOf(failing(address));
		expect(description).toMatch(
			`Open the run run_1 in Dibby (<a href="${page}" target="_blank">${page}</a>) to see which`,
		);
	});

	test('is plain text in the item that stands for the error', async () => {
		const { items } = await suite.engine.run({
			steps: [failing(page, { onError: 'continueRegularOutput' })],
		});
		expect(items[0]?.json.error).toMatchObject({
			description: expect.stringContaining(`in Dibby (${page}) to see`) as string,
		});
	});
});

describe('a response to Get Run', () => {
	test.each([
		[
			404,
			"Dibby can't find this run",
			"Check the run's ID, and make sure that the token belongs to the account where the run was started.",
		],
		[500, "Dibby couldn't process the request (HTTP 500)", "Get the run later with 'Get Run'."],
		[
			200,
			"Dibby's response isn't JSON",
			"Check 'Base URL' in the Dibby API credential. It's usually https://dibby.ai/api.",
		],
	])('HTTP %d', async (status, message, description) => {
		failWith({ status, body: '' });
		const step = getRun('run_1');
		const { error } = await suite.engine.run({ steps: [step] });
		expect(error).toMatchObject({ message, runId: 'run_1', outcomeUnknown: false });
		expect(error?.description).toBe(description);
	});

	test("with another run's ID is polled again, and never quoted", async () => {
		failWith({ status: 200, body: '{"id":"run_2","status":"FINISHED","output":{"secret":1}}' });
		expect(await errorOf(getRun('run_1'))).toEqual({
			message: 'Dibby returned a different run',
			description:
				"A proxy or cache between n8n and Dibby may have mixed up responses. Get the run later with 'Get Run'.",
		});
		expect(suite.sandbox.requests).toHaveLength(5);
	});

	test('with HTTP 304 is not a redirect', async () => {
		failWith({ status: 304, body: '' });
		const { message } = await errorOf(getRun('run_1'));
		expect(message).toBe("Dibby couldn't process the request (HTTP 304)");
	});

	test('with the ID in another case is the run', async () => {
		failWith({ status: 200, body: '{"id":"RUN_1","status":"FINISHED"}' });
		const { items } = await suite.engine.run({ steps: [getRun('run_1')] });
		expect(items[0]?.json).toEqual({ id: 'run_1', status: 'FINISHED' });
	});

	test('without a connection', async () => {
		await suite.sandbox.pause();
		expect(await errorOf(getRun('run_1'))).toEqual({
			message: "Can't connect to Dibby",
			description:
				"Check 'Base URL' in the Dibby API credential, 'Proxy' under 'Request Options' in the node's settings, and your n8n firewall settings.",
		});
	});

	test.each(['..', '\ud800'])('the ID %j', async (id) => {
		expect(await errorOf(getRun(id))).toEqual({
			message: "'Run ID' doesn't contain a valid run ID",
			description:
				"Use the ID that 'Trigger Run' returned, for example {{ $json.dibbyRunId }}. Nothing was sent to Dibby.",
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

	test.each([
		[1, 'RUNNING', '1 minute', 'RUNNING'],
		[2, 5, '2 minutes', 'unknown'],
		[0.5, 'PAUSED', '0.5 minutes', 'PAUSED'],
	])(
		"that didn't end within %d min, with the status %j",
		async (timeLimit, status, after, shown) => {
			failWith({ status: 200, body: JSON.stringify({ id: 'run_1', status }) });
			expect(await errorOf(getRun('run_1', { waitForCompletion: true, timeLimit }))).toEqual({
				message: `The Dibby run is still in progress after ${after}`,
				description: `The run run_1 continues in Dibby and may be waiting for a person. Its last known status is ${shown}. To get the result later, use 'Get Run' with the ID run_1 again or increase 'Time Limit'.`,
			});
		},
	);

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
				name: String(index),
				on: 'GET' as const,
				nth: index + 1,
				fault: { status: 200, body: JSON.stringify({ id: 'run_1', ...run }) },
			})),
		);
		await suite.engine.run({ steps: [wait], onMessage: (message) => messages.push(message) });
		const told = [...JSON.stringify(messages).matchAll(/Dibby run run_1: ([^"\\]+)/g)];
		expect(told.map(([, words]) => words)).toEqual([
			'RUNNING',
			'RUNNING, 1 of 3 steps',
			'unknown, 2 of 3 steps',
			'FINISHED',
		]);
	});
});

describe('what is entered', () => {
	const inputs = (value: unknown, type = 'number') =>
		triggerRun(WORKFLOWS.echo.id, fields({ name: 'x', type: type as 'number', value }));

	test.each([
		['abc', 'number', `it must be a number, but it's the text "abc"`],
		[
			'+12345678901234567890',
			'number',
			'it has too many digits for a number, so send it as a String',
		],
	])('%j as a %s', async (value, type, reason) => {
		expect(await errorOf(inputs(value, type))).toEqual({
			message: `The input "x" can't be sent: ${reason}`,
			description: `Change the value, or choose the type that the Start Node expects.${NOTHING_SENT}`,
		});
	});

	test('a type that the node does not know', async () => {
		expect(await errorOf(inputs('x', 'dateTime'))).toEqual({
			message: 'The input "x" has an unsupported type: "dateTime"',
			description: `Choose String, Number, Boolean, Array, Object, or Binary Data.${NOTHING_SENT}`,
		});
	});

	test.each<[unknown, string]>([
		[() => 1, 'function'],
		[Symbol('s'), 'symbol'],
		[1n, 'bigint'],
		[NaN, 'NaN'],
		[-Infinity, '-Infinity'],
		[[undefined], 'undefined'],
		[new Map(), 'Map'],
		[new Set(), 'Set'],
		[new WeakMap(), 'WeakMap'],
		[/x/, 'RegExp'],
		[new Error('x'), 'Error'],
		[Promise.resolve(1), 'Promise'],
		[new Uint8Array(2), 'Uint8Array'],
		[new ArrayBuffer(2), 'ArrayBuffer'],
		[Buffer.from('x'), 'Uint8Array'],
		[new URL('https://dibby.ai'), 'URL'],
		[Math, 'Math'],
		[new (class Invoice {})(), 'Invoice'],
		[Object(5), 'Number'],
	])('a field of the item that JSON would change: %p', async (value, kind) => {
		expect((await errorOf(echo(), { json: { deep: { x: value as string } } })).message).toBe(
			`The input "deep" can't be sent: it contains a value that JSON can't represent (${kind})`,
		);
	});

	test('a field of the item with an invalid date', async () => {
		expect((await errorOf(echo(), { json: { deep: [new Date(NaN)] } })).message).toBe(
			'The input "deep" can\'t be sent: it contains an invalid date',
		);
	});

	test.each([
		[{ specifyInputs: 'json', jsonInputs: '=[1]' }, 'array'],
		[{ specifyInputs: 'json', jsonInputs: 'null' }, 'empty'],
		[{ specifyInputs: 'json', jsonInputs: '5' }, 'number'],
	])('%j is no object', async (parameters, kind) => {
		expect(await errorOf(echo(parameters))).toEqual({
			message: `The inputs must be a JSON object, but the value is: ${kind}`,
			description: `Write the inputs as {"name": value}, with one field for each Start Node input.${NOTHING_SENT}`,
		});
	});

	test('text that is not JSON', async () => {
		const { message, description } = await errorOf(
			echo({ specifyInputs: 'json', jsonInputs: '{a}' }),
		);
		expect(message).toBe(`'JSON' doesn't contain valid JSON`);
		expect(description).toMatch(
			/^.*position 1.*\. Check commas, quotes, and brackets\. To insert text from an expression, use \{\{ \$json\.name\.toJsonString\(\) \}\} without quotes around it\. Nothing was sent to Dibby\.$/,
		);
	});

	test.each([
		[fields({ name: '', type: 'string', value: 'x' }), 'Inputs'],
		[fields({ name: '', type: 'binary', value: 'data' }), 'Inputs'],
		[document('={{ $json.nothing }}'), 'Documents'],
		[{ specifyInputs: 'json', jsonInputs: '{"": 1}' }, 'JSON'],
	])('a row without a name', async (parameters, where) => {
		expect(await errorOf(echo(parameters), { binary: { data: PDF } })).toEqual({
			message: `A row in '${where}' has no input name`,
			description: `Enter the input's name exactly as in the Start Node of the Dibby workflow.${NOTHING_SENT}`,
		});
	});

	test('a name twice', async () => {
		const step = echo({ ...fields({ name: 'x', type: 'string', value: 'y' }), ...document('x') });
		expect(await errorOf(step, { binary: { data: PDF } })).toEqual({
			message: 'The input "x" is set twice',
			description: `Each Start Node input can have one value. Remove or rename one of the two.${NOTHING_SENT}`,
		});
	});

	test.each([
		[
			{ data: inMemoryFile('', 'text/plain') },
			'The file in "data" for the input "x" is empty',
			`Check the node that created the file. A document can't be empty.`,
		],
		[
			{ data: { data: 'aGVsbG8h*', mimeType: 'text/plain' } },
			'The file in "data" for the input "x" is damaged',
			`Its content isn't base64. Check the node that created the file.`,
		],
		[
			{ data: { data: 'aGVsb', mimeType: 'text/plain' } },
			'The file in "data" for the input "x" is damaged',
			`Its content isn't base64. Check the node that created the file.`,
		],
		[
			{ data: { data: 'filesystem', id: 'filesystem-v2:gone', mimeType: 'text/plain' } },
			'n8n no longer has the file in "data" for the input "x"',
			`The file was deleted, or this worker doesn't share binary storage with the other workers. Execute the workflow again from the node that created the file.`,
		],
		[
			{ a: PDF, b: PDF },
			'The item has no binary field "data" for the input "x"',
			'The item has: "a", "b".',
		],
		[
			{},
			'The item has no binary field "data" for the input "x"',
			'The item has no files. Check that the previous node outputs a file.',
		],
	])('files %j', async (binary, message, description) => {
		const step = echo(document('x'));
		expect(await errorOf(step, { binary })).toEqual({
			message,
			description: `${description}${NOTHING_SENT}`,
		});
	});

	test.each([
		[
			' , ',
			'No binary field is set for the input "x"',
			"The item has a file in 'data'. Enter that name instead.",
		],
		[
			'={{ 5 }}',
			'The value for the input "x" is not a file',
			`Enter the name of the binary field, for example data. An expression that returns a file works only if n8n doesn't keep files in memory.`,
		],
		[
			'={{ [] }}',
			'No binary field is set for the input "x"',
			"The item has a file in 'data'. Enter that name instead.",
		],
		[
			'={{ undefined }}',
			'The value for the input "x" is not a file',
			`Enter the name of the binary field, for example data. An expression that returns a file works only if n8n doesn't keep files in memory.`,
		],
		[
			'attachment_0',
			'The item has no binary field "attachment_0" for the input "x"',
			"The item has a file in 'data'. Enter that name instead.",
		],
	])('the binary field %j', async (binaryField, message, description) => {
		expect(await errorOf(echo(document('x', binaryField)), { binary: { data: PDF } })).toEqual({
			message,
			description: `${description}${NOTHING_SENT}`,
		});
	});

	test.each([
		[
			'id',
			'={{ "my workflow" }}',
			"'Workflow' doesn't contain the URL or ID of a Dibby workflow",
			'The URL looks like https://dibby.ai/application/…/workflow/…, with an ID in both places. Open the workflow in Dibby and copy its URL.',
		],
		[
			'url',
			'={{ "https://dibby.ai/application/11111111-1111-4111-8111-111111111111" }}',
			"'Workflow' contains the URL of an application, not of a workflow",
			'Open the workflow itself in Dibby. Its URL continues with /workflow/ and a second ID.',
		],
		[
			'url',
			'={{ 5 }}',
			"'Workflow' is empty",
			"Open the workflow in Dibby, copy its URL, and paste it into 'Workflow'.",
		],
	])('the workflow by %s: %s', async (mode, value, message, description) => {
		const step = echo({ specifyInputs: 'item', workflow: { __rl: true, mode, value } });
		expect(await errorOf(step)).toEqual({ message, description: `${description}${NOTHING_SENT}` });
	});

	test('a Time Limit that is none', async () => {
		expect(await errorOf(echo({ waitForCompletion: true, timeLimit: 0 }))).toEqual({
			message: "'Time Limit' must be greater than 0 and at most 100 years",
			description: `Enter how many minutes to wait for the run, for example 10.${NOTHING_SENT}`,
		});
	});
});

describe('the item that stands for an error', () => {
	const node = { onError: 'continueRegularOutput' as const };

	test.each([
		[500, { httpStatus: 500, runMayHaveStarted: true }],
		[404, { httpStatus: 404 }],
	])('HTTP %d', async (status, more) => {
		failWith({ status, body: '' });
		const { items } = await suite.engine.run({
			steps: [triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' }, node)],
		});
		const message = items[0]?.json.message;
		expect(items[0]?.json).toEqual({
			message,
			error: { message, description: expect.stringMatching(/\w/) as string, ...more },
		});
	});

	test('a wrong input', async () => {
		const { items } = await suite.engine.run({
			steps: [triggerRun(WORKFLOWS.echo.id, document('x'), node)],
		});
		const message = 'The item has no binary field "data" for the input "x"';
		expect(items[0]?.json).toEqual({
			message,
			error: { message, description: expect.stringMatching(/\w/) as string },
		});
	});
});
