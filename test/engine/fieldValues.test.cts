import fc from 'fast-check';
import { Expression } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { fields, triggerRun } from '../support/jobs.cts';
import type { Field } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite({ keepBodies: true });
const CHANGE =
	"Change the value, or choose the type that the workflow's Start Node asks for. Nothing was sent to Dibby.";

/** Starts the echo workflow with one input, and gives the inputs as the bytes that Dibby got, or the error. */
async function send(type: Field['type'], value: unknown, json: object = {}) {
	const steps = [triggerRun(WORKFLOWS.echo.id, fields({ name: 'x', type, value }))];
	const { error } = await suite.engine.run({ steps, items: [{ json: json as never }] });
	const body = suite.sandbox.requests[0]?.rawBody;
	return { inputs: /"inputs":(.*)}$/s.exec(body ?? '')?.[1], error };
}

async function expectRefused(type: Field['type'], value: unknown, reason: string, json?: object) {
	const { error } = await send(type, value, json);
	expect({ message: error?.message, description: error?.description }).toEqual({
		message: `The input "x" can't be sent: ${reason}`,
		description: CHANGE,
	});
	expect(suite.sandbox.requests).toHaveLength(0);
}

describe('an Object or an Array given as text keeps what is written', () => {
	test.each<[Field['type'], string]>([
		['object', '{"n":12345678901234567890}'],
		['object', '{"n":0.1000000000000000055511151231257827,"m":1e400}'],
		['object', '{"a":{"b":[12345678901234567890]}}'],
		['object', '{"__proto__":1,"a":1.0}'],
		['array', '[12345678901234567890,1.50]'],
		['array', '[]'],
		['object', '{}'],
	])('%s %s', async (type, text) => {
		const { inputs, error } = await send(type, text);
		expect(error).toBeUndefined();
		expect(inputs).toBe(`{"x":${text}}`);
	});

	test('white space around it does not matter, and what an expression joins counts as text', async () => {
		const { inputs, error } = await send('object', '= {"n": {{ $json.n }}}\n', {
			n: '12345678901234567890',
		});
		expect(error).toBeUndefined();
		expect(inputs?.replace(/\s/g, '')).toBe('{"x":{"n":12345678901234567890}}');
	});

	test('objects and lists that an expression gives arrive as they are', async () => {
		expect((await send('object', '={{ $json.o }}', { o: { a: [1] } })).inputs).toBe(
			'{"x":{"a":[1]}}',
		);
	});

	test.each<[Field['type'], string]>([
		['array', '[1, "a"]'],
		['object', '{"a": "b"}'],
	])('%s %s arrives as the same value', async (type, text) => {
		const { inputs } = await send(type, text);
		expect(JSON.parse(inputs ?? '')).toEqual({ x: JSON.parse(text) as unknown });
	});
});

describe('a date', () => {
	test.each<[Field['type'], string]>([
		['object', 'an object'],
		['array', 'an array'],
		['number', 'a number'],
		['boolean', 'a boolean'],
	])('is no %s', async (type, needed) => {
		await expectRefused(type, '={{ new Date(0) }}', `${needed} is needed, but the value is a date`);
		// n8n itself makes a text of a DateTime before a node sees it.
		const { error } = await send(type, '={{ DateTime.fromMillis(0, { zone: "utc" }) }}');
		expect(error?.message).toBe(
			`The input "x" can't be sent: ${needed} is needed, but the value is the text "1970-01-01T00:00:00.000Z"`,
		);
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('is its ISO text as a String', async () => {
		expect((await send('string', '={{ new Date(0) }}')).inputs).toBe(
			'{"x":"1970-01-01T00:00:00.000Z"}',
		);
	});
});

describe('a Boolean', () => {
	test.each([
		['true', 'true'],
		['false', 'false'],
		['={{ true }}', 'true'],
		['={{ false }}', 'false'],
		['={{ 0 }}', 'false'],
		['={{ 1 }}', 'true'],
	])('may be given as %s', async (value, sent) => {
		expect((await send('boolean', value)).inputs).toBe(`{"x":${sent}}`);
	});

	test.each([
		['={{ [] }}', 'but the value is an array'],
		['={{ [true] }}', 'but the value is an array'],
		['={{ {} }}', 'but the value is an object'],
		['={{ ({ a: 1 }) }}', 'but the value is an object'],
		['={{ null }}', 'but there is no value'],
		['={{ $json.nothing }}', 'but there is no value'],
		['', 'but the value is an empty text'],
		['maybe', 'but the value is the text "maybe"'],
		['={{ 2 }}', 'but the value is a number'],
	])('is not made of %s', async (value, reason) => {
		await expectRefused('boolean', value, `a boolean is needed, ${reason}`);
	});
});

describe('a value that does not fit is named', () => {
	const LONG = 'abcde '.repeat(20);

	test.each<[Field['type'], string, string]>([
		['number', '1,5', 'a number is needed, but the value is the text "1,5"'],
		['number', '', 'a number is needed, but the value is an empty text'],
		['number', ' ', 'a number is needed, but the value is an empty text'],
		['number', LONG, `a number is needed, but the value is the text "${LONG.slice(0, 40)}…"`],
		['number', '={{ [1] }}', 'a number is needed, but the value is an array'],
		['number', '={{ ({ a: 1 }) }}', 'a number is needed, but the value is an object'],
		['number', '={{ true }}', 'a number is needed, but the value is a boolean'],
		['number', '={{ null }}', 'a number is needed, but there is no value'],
		['string', '={{ undefined }}', 'a string is needed, but there is no value'],
		['array', 'no list', 'an array is needed, but the value is the text "no list"'],
		['array', '{"a":1}', 'an array is needed, but the value is the text "{"a":1}"'],
		['array', '={{ 5 }}', 'an array is needed, but the value is a number'],
		['array', '={{ ({ a: 1 }) }}', 'an array is needed, but the value is an object'],
		['object', 'no object', 'an object is needed, but the value is the text "no object"'],
		['object', '[1]', 'an object is needed, but the value is the text "[1]"'],
		['object', '={{ [1] }}', 'an object is needed, but the value is an array'],
		['object', '', 'an object is needed, but the value is an empty text'],
		['object', '={{ null }}', 'an object is needed, but there is no value'],
	])('%s given as %j', async (type, value, reason) => {
		await expectRefused(type, value, reason);
	});

	test('a text of 40 characters is quoted whole, and no character is cut in two', async () => {
		const text = 'a'.repeat(39);
		await expectRefused(
			'number',
			`${text}b`,
			`a number is needed, but the value is the text "${text}b"`,
		);
		const { error } = await send('number', `${text}😀😀`);
		expect(error?.message).toMatch(
			/^The input "x" can't be sent: a number is needed, but the value is the text "a{39}(😀)?…"$/,
		);
	});
});

describe('text in JSON that is not valid', () => {
	const say = async (jsonInputs: string, json: object) => {
		const step = triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'json', jsonInputs });
		const { error } = await suite.engine.run({ steps: [step], items: [{ json: json as never }] });
		expect(error?.message).toBe('The text in JSON is not valid JSON');
		expect(suite.sandbox.requests).toHaveLength(0);
		return error?.description;
	};
	const ADVICE =
		'Check commas, quotes and brackets. For a text from an expression, write {{ $json.name.toJsonString() }} without quotes around it. Nothing was sent to Dibby.';

	test.each([
		['quotes in the value', 'say "hi"'],
		['a line break in the value', 'one\ntwo'],
		['a backslash in the value', 'C:\\docs'],
	])('because of %s, advises what works', async (_what, name) => {
		const description = await say('={"x": "{{ $json.name }}"}', { name });
		expect(description).toContain(ADVICE);
	});

	test('and the advice works', async () => {
		const name = 'say "hi"\n\\';
		const step = triggerRun(WORKFLOWS.echo.id, {
			specifyInputs: 'json',
			jsonInputs: '={"x": {{ $json.name.toJsonString() }}}',
		});
		const { error } = await suite.engine.run({ steps: [step], items: [{ json: { name } }] });
		expect(error).toBeUndefined();
		expect(suite.sandbox.requests[0]?.rawBody).toContain(`"inputs":{"x":${JSON.stringify(name)}}`);
	});
});

describe('a field of the item', () => {
	test('is evaluated by n8n’s engine alone, not once more by the node', async () => {
		const evaluate = jest.spyOn(Expression.prototype, 'resolveSimpleParameterValue');
		const countOf = async (value: string) => {
			evaluate.mockClear();
			await send('number', value, { n: 1 });
			return evaluate.mock.calls.filter(([given]) => given === value).length;
		};
		const ofField = await countOf('={{ $json.n }}');
		const ofOther = await countOf('={{ $json.n + 1 }}');
		evaluate.mockRestore();
		// How often the engine does so is different from version to version.
		expect(ofField).toBe(ofOther - 1);
	});

	// In brackets, an expression means the same, and the node leaves it to n8n.
	test('arrives as n8n gives it, whatever the item holds', async () => {
		const key = fc
			.oneof(
				fc.constantFrom('a', 'b_2', 'a name', 'é', '', '0', 'length', 'toString', '__proto__'),
				fc.string({ maxLength: 4 }),
			)
			.filter((name) => !/['\\\n\r]/.test(name));
		const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
			tree: fc.oneof(
				{ maxDepth: 3 },
				fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.date()),
				fc.array(fc.tuple(key, tie('tree')), { maxLength: 3 }).map(Object.fromEntries),
				fc.array(tie('tree'), { maxLength: 3 }),
			),
		}));
		const item = fc
			.array(fc.tuple(key, tree), { minLength: 1, maxLength: 3 })
			.map((fieldsOfItem) => Object.fromEntries(fieldsOfItem) as object);
		const picks = fc.array(fc.nat(2), { minLength: 1, maxLength: 4 });
		const more = fc.constantFrom('', '', '', '', '.toString', '.length', '[0]', "['__proto__']");
		const type = fc.constantFrom<Field['type']>('string', 'number', 'boolean', 'object', 'array');
		await fc.assert(
			fc.asyncProperty(item, picks, more, type, async (json, chosen, beyond, as) => {
				const path = pathInto(json, chosen) + beyond;
				const outcome = async (value: string) => {
					suite.sandbox.requests.length = 0;
					const { inputs, error } = await send(as, value, json);
					return { inputs, message: error?.message };
				};
				expect(await outcome(`={{ $json${path} }}`)).toEqual(
					await outcome(`={{ ($json${path}) }}`),
				);
			}),
			{ numRuns: 300 },
		);
	});
});

/** A path to something in an object, as the editor writes it: at each level, one of the keys. */
function pathInto(value: unknown, [pick, ...others]: number[]): string {
	const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
	const key = keys[(pick ?? 0) % keys.length];
	if (pick === undefined || key === undefined) return '';
	const isName = /^[A-Za-z_]\w*$/.test(key);
	const step = Array.isArray(value) ? `[${key}]` : isName ? `.${key}` : `['${key}']`;
	return step + pathInto((value as Record<string, unknown>)[key], others);
}
