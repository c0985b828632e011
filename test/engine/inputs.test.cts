import { workflowPageOf } from '../../dist/nodes/Dibby/operations/planRuns.js';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, echo, fields, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite({ keepBodies: true });

const WAIT = { waitForCompletion: true, output: 'output' };

/** Runs the echo workflow and gives the inputs as Dibby got them, or the error. */
async function send(parameters: object, json: object = {}) {
	const steps = [triggerRun(WORKFLOWS.echo.id, { ...WAIT, ...parameters })];
	const { items, error } = await suite.engine.run(steps, { items: [{ json: json as never }] });
	return { got: items[0]?.json, error, body: suite.sandbox.requests[0]?.rawBody };
}

describe('Using Fields Below', () => {
	test('every type arrives as it is', async () => {
		const { items } = await suite.engine.run(
			triggerRun(WORKFLOWS.classify.id, {
				...WAIT,
				...fields(
					{ name: 'text', type: 'string', value: 'Hello "world"\n' },
					{ name: 'language', type: 'string', value: 'en' },
					{ name: 'threshold', type: 'number', value: 0.75 },
					{ name: 'urgent', type: 'boolean', value: false },
					{ name: 'labels', type: 'array', value: ['a', 1, null] },
					{ name: 'metadata', type: 'object', value: { deep: { er: [true] } } },
				),
			}),
		);
		expect(items).toHaveLength(1);
		const [run] = [...suite.sandbox.runs.values()];
		expect(run?.inputs).toEqual({
			text: 'Hello "world"\n',
			language: 'en',
			threshold: 0.75,
			urgent: false,
			labels: ['a', 1, null],
			metadata: { deep: { er: [true] } },
		});
	});

	test.each([
		['number', '12', 12],
		['number', ' 1.5e3 ', 1500],
		['boolean', 'true', true],
		['boolean', 'false', false],
		['boolean', 0, false],
		['array', '[1,2]', [1, 2]],
		['object', '{"a":1}', { a: 1 }],
		['string', 12.5, '12.5'],
		['string', true, 'true'],
		['string', { a: 1 }, '{"a":1}'],
		['string', '', ''],
	] as const)('a %s given as %j becomes %j', async (type, value, expected) => {
		const { got } = await send(fields({ name: 'x', type, value }));
		expect(got).toEqual({ x: expected });
	});

	test('names are taken literally: dots, __proto__, quotes and spaces', async () => {
		const { body } = await send(
			fields(
				{ name: 'a.b.c', type: 'number', value: 1 },
				{ name: '__proto__', type: 'number', value: 2 },
				{ name: 'say "hi"', type: 'number', value: 3 },
				{ name: 'constructor', type: 'number', value: 4 },
			),
		);
		expect(body).toBe(
			`{"workflowId":"${WORKFLOWS.echo.id}","inputs":{"a.b.c":1,"__proto__":2,"say \\"hi\\"":3,"constructor":4}}`,
		);
	});

	test('expressions are evaluated for each item', async () => {
		const steps = [
			echo({
				...WAIT,
				...fields({ name: 'total', type: 'number', value: '={{ $json.amount * 2 }}' }),
			}),
		];
		const { items } = await suite.engine.run(steps, {
			items: [{ json: { amount: 1 } }, { json: { amount: 2 } }],
		});
		expect(items.map(({ json }) => json)).toEqual([{ total: 2 }, { total: 4 }]);
	});

	test('a date becomes its ISO text', async () => {
		const { got } = await send(
			fields({
				name: 'when',
				type: 'string',
				value: '={{ DateTime.fromISO("2026-01-02T03:04:05.000Z", {zone: "utc"}) }}',
			}),
		);
		expect(got).toEqual({ when: '2026-01-02T03:04:05.000Z' });
	});

	test('a message is not replaced by n8n when a name holds an error code', async () => {
		const { error } = await send(fields({ name: 'ECONNREFUSED', type: 'number', value: 'x' }));
		expect(error?.message).toMatch(/^The input "ECONNREFUSED" can't be sent/);
	});
});

describe('Using JSON', () => {
	test('an object written as text is sent to the letter, long numbers included', async () => {
		const { body } = await send({
			specifyInputs: 'json',
			jsonInputs:
				'{ "id": 12345678901234567890.50, "__proto__": {"x": [1, {"y": "}"}]},\n "t": "a\\"b,:" }',
		});
		expect(body).toContain(
			'"inputs":{ "id": 12345678901234567890.50, "__proto__": {"x": [1, {"y": "}"}]},\n "t": "a\\"b,:" }',
		);
	});

	test('an expression that gives an object works too', async () => {
		const { got } = await send(
			{ specifyInputs: 'json', jsonInputs: '={{ $json }}' },
			{ a: [1], b: null },
		);
		expect(got).toEqual({ a: [1], b: null });
	});

	test.each([
		['{"a": 1,}', `'JSON' doesn't contain valid JSON`],
		['[1]', 'The inputs must be a JSON object, but the value is: array'],
		['"x"', 'The inputs must be a JSON object, but the value is: string'],
		['{"":1}', `A row in 'JSON' has no input name`],
	])('%s is an error', async (jsonInputs, message) => {
		const { error } = await send({ specifyInputs: 'json', jsonInputs });
		expect(error?.message).toBe(message);
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test.each([
		['a name twice', '{"a":1,"a":2}'],
		['blanks', ' \n{ "a" : 1 } \n'],
		['escapes', '{"\\u0061":"\\u20ac\\/"}'],
		['no inputs', ' { } '],
	])('%s: the text is sent as written', async (_what, jsonInputs) => {
		const { body } = await send({ specifyInputs: 'json', jsonInputs });
		const inputs = jsonInputs.trim() === '{ }' ? '{}' : jsonInputs.trim();
		expect(body).toBe(`{"workflowId":"${WORKFLOWS.echo.id}","inputs":${inputs}}`);
	});

	test('a lone surrogate is escaped, because UTF-8 has no bytes for it', async () => {
		const { body } = await send({ specifyInputs: 'json', jsonInputs: '{"\ud83d":"😀\ude00"}' });
		expect(body).toContain('"inputs":{"\\ud83d":"😀\\ude00"}');
	});

	test('a document with the name of one of its members is an error', async () => {
		const steps = [
			echo({ specifyInputs: 'json', jsonInputs: '{"a":1,"file":2}', ...document('file') }),
		];
		const items = [{ json: {}, binary: { data: inMemoryFile('hello', 'text/plain') } }];
		const { error } = await suite.engine.run(steps, { items });
		expect(error?.message).toBe('The input "file" is set twice');
	});

	test('text with millions of escapes is sent', async () => {
		const text = `{"a":"${'\\n'.repeat(4_500_000)}"}`;
		const { body } = await send(
			{ specifyInputs: 'json', jsonInputs: '={{ $json.text }}' },
			{ text },
		);
		expect(body?.endsWith(`"inputs":${text}}`)).toBe(true);
	});

	test('documents are added to it', async () => {
		const steps = [
			echo({ ...WAIT, specifyInputs: 'json', jsonInputs: '{"a":1}', ...document('file') }),
		];
		const items = [{ json: {}, binary: { data: inMemoryFile('hello', 'text/plain') } }];
		const result = await suite.engine.run(steps, { items });
		expect(result.items[0]?.json).toEqual({
			a: 1,
			file: expect.objectContaining({ bytes: 5 }) as unknown,
		});
	});
});

describe('From the Incoming Item', () => {
	test("every field of the item becomes an input, the item's files do not", async () => {
		const { got } = await send(
			{ specifyInputs: 'item' },
			{ vendor: 'ACME', total: 12.5, tags: ['x'], none: null },
		);
		expect(got).toEqual({ vendor: 'ACME', total: 12.5, tags: ['x'], none: null });
	});

	test('the ID that the node itself puts beside an output is no input of the next workflow', async () => {
		const step = echo({ ...WAIT });
		const { items, runIds } = await suite.engine.run([step, { ...step, name: 'Next' }], {
			items: [{ json: { vendor: 'ACME' } }],
		});
		expect(items[0]?.json).toEqual({ vendor: 'ACME' });
		const [, next] = [...suite.sandbox.runs.values()];
		expect(next?.inputs).toEqual({ vendor: 'ACME' });
		expect(runIds).toEqual([suite.sandbox.runIds[1]]);
	});

	test('in the other binary modes, a field that looks like a file is a field', async () => {
		const json = { _files: { a: 1 }, picture: { mimeType: 'text/plain', data: 'aGk=' } };
		expect((await send({ specifyInputs: 'item' }, json)).got).toEqual(json);
	});

	test('in the combined binary mode, files among the fields are left out', async () => {
		const file = inMemoryFile('hello', 'text/plain', 'a.txt');
		const { items } = await suite.engine.run(echo({ ...WAIT, documents: {} }), {
			items: [{ json: { a: 1, _files: { data: file }, picture: file } }],
			settings: { binaryMode: 'combined' },
		});
		expect(items[0]?.json).toEqual({ a: 1 });
	});
});

describe('Workflow', () => {
	const APPLICATION = '11111111-1111-4111-8111-111111111111';
	const WORKFLOW = WORKFLOWS.echo.id;
	const page = `https://dibby.ai/application/${APPLICATION}/workflow/${WORKFLOW}`;

	const TEXTS = [
		page,
		`${page}/`,
		`${page}?tab=runs#x`,
		`  ${page} `,
		page.toUpperCase().replace('HTTPS', 'https'),
		page.replace('.ai/', '.ai/de/'),
		page.replace('.ai/', '.ai/pt-BR/'),
		page.replace('https://', ''),
		page.replace('https://', '').replace('.ai/', '.ai/de/'),
		WORKFLOW,
		` ${WORKFLOW.toUpperCase()}\n`,
	];

	test.each(TEXTS.flatMap((value) => ['url', 'id'].map((mode) => [value, mode])))(
		'%s is understood, entered by %s',
		async (value, mode) => {
			const { error } = await send({ workflow: { __rl: true, mode, value } });
			expect(error).toBeUndefined();
			expect([...suite.sandbox.runs.values()][0]?.workflowId).toBe(WORKFLOW);
		},
	);

	test.each([
		`http://dibby.ai/x/${WORKFLOW}`,
		`${WORKFLOW}/../x`,
		`${WORKFLOW}a`,
		`${page}a`,
		`${page}-1`,
		`x ${WORKFLOW}`,
	])('%j from an expression is an error before anything is sent', async (value) => {
		await expectInvalid(value);
	});

	test.each([
		['with the word many times', '/workflow/'.repeat(100_000)],
		['without any slash', 'a'.repeat(9_000_000)],
	])('a long text %s is an error', async (_what, value) => {
		await expectInvalid(value);
	});

	async function expectInvalid(value: string) {
		for (const mode of ['url', 'id']) {
			const { error } = await send(
				{ workflow: { __rl: true, mode, value: '={{ $json.value }}' } },
				{ value },
			);
			expect(error?.message).toMatch(/^'Workflow' (contains the URL of an application|doesn't)/);
		}
		expect(suite.sandbox.requests).toHaveLength(0);
	}

	test.each([
		[page, page],
		[`${page}?tab=runs#x`, page],
		[page.replace('https://', ''), page],
		[page.replace('.ai/', '.ai/de/'), page.replace('.ai/', '.ai/de/')],
		[WORKFLOW, undefined],
		[page.replace('https', 'http'), undefined],
		[page.replace('https', 'javascript'), undefined],
		[page.replace('//', '//"><b>'), undefined],
		[page.replace('//', '//user@'), undefined],
		[page.replace('.ai/', '.ai/x y/'), undefined],
	])('%j is linked as %j', (value, expected) => {
		expect(workflowPageOf(value)).toBe(expected);
	});

	test('what is typed in is checked by the node alone: n8n gives a regular expression 250 ms, and a busy machine may need more', async () => {
		const value = 'https://dibby.ai/somewhere';
		const { error } = await send({ workflow: { __rl: true, mode: 'url', value } });
		expect(error?.message).toBe("'Workflow' doesn't contain the URL or ID of a Dibby workflow");
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});
