import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, triggerRun } from '../support/jobs.cts';
import type { Field } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite({ keepBodies: true });
const CHANGE =
	'Change the value, or choose the type that the Start Node expects. Nothing was sent to Dibby.';

/** Starts the echo workflow with one input, and gives the inputs as the bytes that Dibby got, or the error. */
async function send(type: Field['type'], value: unknown, json: object = {}) {
	const steps = [echo(fields({ name: 'x', type, value }))];
	const { error } = await suite.engine.run(steps, { items: [{ json: json as never }] });
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
		await expectRefused(type, '={{ new Date(0) }}', `it must be ${needed}, but it's a date`);
		// n8n itself makes a text of a DateTime before a node sees it.
		const { error } = await send(type, '={{ DateTime.fromMillis(0, { zone: "utc" }) }}');
		expect(error?.message).toContain(
			`it must be ${needed}, but it's the text "1970-01-01T00:00:00.000Z"`,
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
		['0', 'false'],
		[' TRUE ', 'true'],
	])('may be given as %s', async (value, sent) => {
		expect((await send('boolean', value)).inputs).toBe(`{"x":${sent}}`);
	});

	test.each([
		['={{ [] }}', 'an array'],
		['={{ [true] }}', 'an array'],
		['={{ {} }}', 'an object'],
		['={{ ({ a: 1 }) }}', 'an object'],
		['={{ null }}', 'empty'],
		['={{ $json.nothing }}', 'empty'],
		['', 'an empty text'],
		['maybe', 'the text "maybe"'],
		['={{ 2 }}', 'a number'],
	])('is not made of %s', async (value, reason) => {
		await expectRefused('boolean', value, `it must be a boolean, but it's ${reason}`);
	});
});

describe('a Number given as text', () => {
	test.each([
		['1.50', '1.5'],
		['+.5e3', '500'],
		['007.', '7'],
		['0.30000000000000004', '0.30000000000000004'],
		['100.00000000000000000000000', '100'],
		['9007199254740991', '9007199254740991'],
		['1e400', `it contains a value that JSON can't represent (Infinity)`],
	])('%s becomes %s', async (text, sent) => {
		const { inputs, error } = await send('number', text);
		if (error) expect(error.message).toContain(sent);
		else expect(inputs).toBe(`{"x":${sent}}`);
	});

	test.each(['12345678901234567.89', '12345678901234567890', '-0.12345678901234567891'])(
		'%s is rejected, because a number has fewer digits',
		async (text) => {
			const reason = 'it has too many digits for a number, so send it as a String';
			await expectRefused('number', text, reason);
		},
	);

	test.each(['0x10', '0b1', '1_000', 'Infinity', '1.2.3', 'e5', '.'])(
		'%s is rejected, because it is no decimal number',
		async (text) => {
			await expectRefused('number', text, `it must be a number, but it's the text "${text}"`);
		},
	);

	test('of any length is judged right away', async () => {
		for (const text of ['1'.repeat(9_000_000), `${'0'.repeat(200_000)}x`]) {
			const { error } = await send('number', '={{ $json.text }}', { text });
			expect(error?.message).toContain("it must be a number, but it's the text");
		}
	});
});

describe('text that is almost JSON is rejected instead of being repaired', () => {
	test.each<[Field['type'], string]>([
		['array', `['O\\'Brien']`],
		['array', '[1, 2,]'],
		['array', '1, 2'],
		['object', '{a: `text`}'],
		['object', '{"total": 12345678901234567890,}'],
		['object', "{'a': 1}"],
		['object', '{a: 1}'],
	])('%s %s', async (type, text) => {
		const needed = type === 'array' ? 'an array' : 'an object';
		const reason = `it must be ${needed}, but it's the text "${text}", which isn't valid JSON`;
		await expectRefused(type, '={{ $json.text }}', reason, { text });
	});
});

describe('a member that is undefined', () => {
	const sendInputs = async (parameters: object, json: object) => {
		const step = triggerRun(WORKFLOWS.echo.id, parameters as never);
		const { error } = await suite.engine.run(step, { items: [{ json: json as never }] });
		return { error, body: suite.sandbox.requests[0]?.rawBody };
	};

	test.each(['={{ { vendor: $json.vendr } }}', '={{ { vendor: { name: $json.vendr } } }}'])(
		'of JSON by expression is an error: %s',
		async (jsonInputs) => {
			const { error } = await sendInputs({ specifyInputs: 'json', jsonInputs }, {});
			expect(error?.message).toBe(
				`The input "vendor" can't be sent: it contains a value that JSON can't represent (undefined)`,
			);
			expect(suite.sandbox.requests).toHaveLength(0);
		},
	);

	test('of an Object is an error', async () => {
		const reason = `it contains a value that JSON can't represent (undefined)`;
		await expectRefused('object', '={{ { name: $json.nothing } }}', reason);
	});

	test('of the item is left out, as n8n does when it stores the item', async () => {
		const json = { a: undefined, b: { c: undefined, d: 1 } };
		const { body } = await sendInputs({ specifyInputs: 'item' }, json);
		expect(body).toContain('"inputs":{"b":{"d":1}}');
	});
});

describe('long values', () => {
	test('a list of 150,000 objects and a million numbers is sent', async () => {
		const json = {
			objects: Array.from({ length: 150_000 }, (_value, id) => ({ id, name: `row ${id}` })),
			numbers: Array.from({ length: 1_000_000 }, (_value, index) => index),
		};
		const step = echo();
		await suite.engine.run(step, { items: [{ json }] });
		expect(suite.sandbox.requests[0]?.rawBody?.endsWith('999999]}}')).toBe(true);
	});

	test('150,000 inputs are sent', async () => {
		const json = Object.fromEntries(
			Array.from({ length: 150_000 }, (_value, id) => [`f${id}`, id]),
		);
		const step = echo();
		await suite.engine.run(step, { items: [{ json }] });
		expect(suite.sandbox.requests[0]?.rawBody?.endsWith('"f149999":149999}}')).toBe(true);
	});
});

describe('a value that does not fit is named', () => {
	const LONG = 'abcde '.repeat(20);

	test.each<[Field['type'], string, string]>([
		['number', '1,5', `it must be a number, but it's the text "1,5"`],
		['number', '', `it must be a number, but it's an empty text`],
		['number', ' ', `it must be a number, but it's an empty text`],
		['number', LONG, `it must be a number, but it's the text "${LONG.slice(0, 40)}…"`],
		['number', '={{ [1] }}', `it must be a number, but it's an array`],
		['number', '={{ ({ a: 1 }) }}', `it must be a number, but it's an object`],
		['number', '={{ true }}', `it must be a number, but it's a boolean`],
		['number', '={{ null }}', `it must be a number, but it's empty`],
		['string', '={{ undefined }}', `it must be a string, but it's empty`],
		[
			'array',
			'no list',
			`it must be an array, but it's the text "no list", which isn't valid JSON`,
		],
		['array', '{"a":1}', `it must be an array, but it's the text "{"a":1}"`],
		['array', '={{ 5 }}', `it must be an array, but it's a number`],
		['array', '={{ ({ a: 1 }) }}', `it must be an array, but it's an object`],
		[
			'object',
			'no object',
			`it must be an object, but it's the text "no object", which isn't valid JSON`,
		],
		['object', '[1]', `it must be an object, but it's the text "[1]"`],
		['object', '={{ [1] }}', `it must be an object, but it's an array`],
		['object', '', `it must be an object, but it's an empty text`],
		['object', '={{ null }}', `it must be an object, but it's empty`],
	])('%s given as %j', async (type, value, reason) => {
		await expectRefused(type, value, reason);
	});

	test('a text of 40 characters is quoted whole, and no character is cut in two', async () => {
		const text = 'a'.repeat(39);
		await expectRefused('number', `${text}b`, `it must be a number, but it's the text "${text}b"`);
		const { error } = await send('number', `${text}😀😀`);
		expect(error?.message).toMatch(
			/^The input "x" can't be sent: it must be a number, but it's the text "a{39}(😀)?…"$/,
		);
	});
});

describe('text in JSON that is not valid', () => {
	const say = async (jsonInputs: string, json: object) => {
		const step = echo({ specifyInputs: 'json', jsonInputs });
		const { error } = await suite.engine.run(step, { items: [{ json: json as never }] });
		expect(error?.message).toBe(`'JSON' doesn't contain valid JSON`);
		expect(suite.sandbox.requests).toHaveLength(0);
		return error?.description;
	};
	const ADVICE =
		'Check commas, quotes, and brackets. To insert text from an expression, use {{ $json.name.toJsonString() }} without quotes around it. Nothing was sent to Dibby.';

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
		const step = echo({
			specifyInputs: 'json',
			jsonInputs: '={"x": {{ $json.name.toJsonString() }}}',
		});
		const { error } = await suite.engine.run(step, { items: [{ json: { name } }] });
		expect(error).toBeUndefined();
		expect(suite.sandbox.requests[0]?.rawBody).toContain(`"inputs":{"x": ${JSON.stringify(name)}}`);
	});
});
