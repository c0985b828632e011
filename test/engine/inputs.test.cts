import type { IDataObject } from 'n8n-workflow';

import { workflowPageOf } from '../../dist/nodes/Dibby/operations/planRuns.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, echo, fields, inMemoryFile, WAIT } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Where the inputs come from, and which workflow gets them. Their values are in fieldValues.test.cts.
const suite = useSuite({ keepBodies: true });
const { id: WORKFLOW, url: PAGE } = WORKFLOWS.echo;

/** Runs the echo workflow, and gives the inputs as it returned them and as Dibby got them, or the error. */
async function send(parameters: IDataObject, item: object = { json: {} }, settings = {}) {
	const step = echo({ ...WAIT, ...parameters });
	const { items, error } = await suite.engine.run(step, { items: [item as never], settings });
	const body = suite.sandbox.requests[0]?.rawBody;
	// Dibby may refuse a name that is there twice; every other error is the node's own.
	if (error?.httpCode == null) expect(body === undefined).toBe(error !== undefined);
	const [, workflowId, inputs] = /^{"workflowId":"(.*?)","inputs":(.*)}$/s.exec(body ?? '') ?? [];
	return { got: items[0]?.json, error, workflowId, inputs };
}
const sendJson = async (jsonInputs: unknown, json: object = {}) =>
	await send({ specifyInputs: 'json', jsonInputs: jsonInputs as string }, { json });

test('names are taken literally: dots, __proto__, quotes and spaces', async () => {
	const names = ['a.b.c', '__proto__', 'say "hi"', 'constructor'];
	const rows = names.map((name, value) => ({ name, type: 'number' as const, value }));
	const { inputs } = await send(fields(...rows));
	expect(inputs).toBe('{"a.b.c":0,"__proto__":1,"say \\"hi\\"":2,"constructor":3}');
});

describe('Using JSON', () => {
	test.each([
		['long numbers', '{ "id": 12345678901234567890.50, "__proto__": {"x": [1, {"y": "}"}]} }'],
		['a name twice', '{"a":1,"a":2}'],
		['blanks', ' \n{ "a" : 1,\n "t": "a\\"b,:" } \n'],
		['escapes', '{"\\u0061":"\\u20ac\\/"}'],
		['no inputs', ' {} '],
	])('%s: the text is sent as written', async (_what, jsonInputs) => {
		expect((await sendJson(jsonInputs)).inputs).toBe(jsonInputs.trim());
	});

	test('a lone surrogate is escaped, because UTF-8 has no bytes for it', async () => {
		const { inputs } = await sendJson('{"\ud83d":"😀\ude00"}');
		expect(inputs).toBe('{"\\ud83d":"😀\\ude00"}');
	});

	const UNDEFINED = `The input "vendor" can't be sent: it contains a value that JSON can't represent (undefined)`;
	test.each([
		['"x"', 'The inputs must be a JSON object, but the value is: string'],
		['={{ $now }}', 'The inputs must be a JSON object, but the value is: date'],
		['={{ new Date(0) }}', 'The inputs must be a JSON object, but the value is: date'],
		['{"":1}', `A row in 'JSON' has no input name`],
		['={{ { vendor: $json.vendr } }}', UNDEFINED],
		['={{ { vendor: { name: $json.vendr } } }}', UNDEFINED],
	])('%s is an error', async (jsonInputs, message) => {
		expect((await sendJson(jsonInputs)).error?.message).toBe(message);
	});

	test.each([
		['quotes', 'say "hi"'],
		['a line break', 'one\ntwo'],
		['a backslash', 'C:\\docs'],
	])('%s in a value that an expression inserts: the advice works', async (_what, name) => {
		const { error } = await sendJson('={"x": "{{ $json.name }}"}', { name });
		expect(error?.message).toBe(`'JSON' doesn't contain valid JSON`);
		expect(error?.description).toContain('{{ $json.name.toJsonString() }} without quotes');
		const { inputs } = await sendJson('={"x": {{ $json.name.toJsonString() }}}', { name });
		expect(inputs).toBe(`{"x": ${JSON.stringify(name)}}`);
	});

	test('text with millions of escapes is sent', async () => {
		const text = `{"a":"${'\\n'.repeat(4_500_000)}"}`;
		expect((await sendJson('={{ $json.text }}', { text })).inputs === text).toBe(true);
	});

	test('documents are added to it, under other names', async () => {
		const item = { json: {}, binary: { data: inMemoryFile('hello', 'text/plain') } };
		const given = { specifyInputs: 'json', jsonInputs: '{"a":1}', ...document('file') };
		expect((await send(given, item)).got).toMatchObject({ a: 1, file: { bytes: 5 } });
		suite.sandbox.requests.length = 0;
		const { error } = await send({ ...given, jsonInputs: '{"a":1,"file":2}' }, item);
		expect(error?.message).toBe('The input "file" is set twice');
	});
});

describe('From the Incoming Item', () => {
	test.each([
		{ vendor: 'ACME', total: 12.5, tags: ['x'], none: null },
		{ _files: { a: 1 }, picture: { mimeType: 'text/plain', data: 'aGk=' } },
	])('every field of the item becomes an input, whatever it looks like: %j', async (json) => {
		expect((await send({}, { json })).got).toEqual(json);
	});

	test('the ID that the node itself puts beside an output is no input of the next workflow', async () => {
		const steps = [echo(WAIT), echo(WAIT, { name: 'Next' })];
		const json = { vendor: 'ACME' };
		const { items, runIds } = await suite.engine.run(steps, { items: [{ json }] });
		expect(items[0]?.json).toEqual(json);
		const [, next] = suite.sandbox.runs.values();
		expect(next?.inputs).toEqual(json);
		expect(runIds).toEqual([next?.id]);
	});
});

describe('Workflow', () => {
	const INVALID = /^'Workflow' (contains the URL of an application|doesn't)/;
	const locator = (mode: string, value: string) => ({ __rl: true, mode, value });
	const german = PAGE.replace('.ai/', '.ai/de/');
	const without = (text: string) => text.replace('https://', '');

	test.each([
		PAGE,
		`${PAGE}/`,
		`${PAGE}?tab=runs#x`,
		`  ${PAGE} `,
		PAGE.toUpperCase().replace('HTTPS', 'https'),
		german,
		PAGE.replace('.ai/', '.ai/pt-BR/'),
		without(PAGE),
		without(german),
		WORKFLOW,
		` ${WORKFLOW.toUpperCase()}\n`,
	])('%s is understood, however it was entered', async (value) => {
		// The editor makes the first two; the others are written by hand, or by a model.
		const entered = [locator('url', value), locator('id', value), locator('list', value)];
		const written = [{ __rl: true, value }, value, `={{ ${JSON.stringify(value)} }}`];
		for (const workflow of [...entered, ...written]) {
			suite.sandbox.requests.length = 0;
			expect((await send({ workflow })).workflowId).toBe(WORKFLOW);
		}
	});

	test.each([
		`http://dibby.ai/x/${WORKFLOW}`,
		`${WORKFLOW}/../x`,
		`${WORKFLOW}a`,
		`${PAGE}a`,
		`${PAGE}-1`,
		`x ${WORKFLOW}`,
		null,
		[],
		'/workflow/'.repeat(100_000),
		'a'.repeat(9_000_000),
	])('an expression that gives something else is an error: %#', async (value) => {
		for (const mode of ['url', 'id']) {
			const workflow = locator(mode, '={{ $json.value }}');
			expect((await send({ workflow }, { json: { value } })).error?.message).toMatch(INVALID);
		}
	});

	test('what is typed in is checked by the node alone: n8n gives a regular expression 250 ms, and a busy machine may need more', async () => {
		const { error } = await send({ workflow: locator('url', 'https://dibby.ai/somewhere') });
		expect(error?.message).toBe("'Workflow' doesn't contain the URL or ID of a Dibby workflow");
	});

	test.each([
		[PAGE, PAGE],
		[`${PAGE}?tab=runs#x`, PAGE],
		[without(PAGE), PAGE],
		[german, german],
		[WORKFLOW, undefined],
		[PAGE.replace('https', 'http'), undefined],
		[PAGE.replace('https', 'javascript'), undefined],
		[PAGE.replace('//', '//"><b>'), undefined],
		[PAGE.replace('//', '//user@'), undefined],
		[PAGE.replace('.ai/', '.ai/x y/'), undefined],
	])('%j is linked as %j', (value, expected) => {
		expect(workflowPageOf(value)).toBe(expected);
	});
});

// The editor makes no such parameters.
describe('a workflow written by hand, or by a model, with', () => {
	test.each([
		{ fields: { assignments: null } },
		{ fields: null },
		{ documents: null },
		{ options: null },
	])('%j has no inputs', async (parameters) => {
		const { error, inputs } = await send({ specifyInputs: 'fields', ...parameters });
		expect(error).toBeUndefined();
		expect(inputs).toBe('{}');
	});

	test.each([
		['text', 'x'],
		['a list', [{ name: 'x', type: 'string', value: 'a' }]],
		['an object as rows', { assignments: { a: { name: 'x', value: 1 } } }],
		['text as a row', { assignments: ['x'] }],
		['no row', { assignments: [null] }],
	])('%s as Inputs sends nothing', async (_what, given) => {
		const { error, inputs } = await send({ specifyInputs: 'fields', fields: given });
		expect(error?.message).toBe("'Inputs' isn't a list of fields");
		expect(inputs).toBeUndefined();
	});

	test('null as Operation is an error, and n8n makes no request of its own', async () => {
		const { error } = await send({ operation: null });
		expect(error?.message).toMatch(/^'Operation' has an unsupported value: ".*"$/);
	});
});
