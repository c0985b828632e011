import type { IDataObject } from 'n8n-workflow';

import { echo, fields } from '../support/jobs.cts';
import type { Field } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// What a value must be, and how it is sent.
const suite = useSuite({ keepBodies: true });

/** Starts the echo workflow, and gives the inputs as the bytes that Dibby got, or the error. */
async function start(parameters: IDataObject, json: unknown = {}) {
	const items = [{ json: json as IDataObject }];
	const { error } = await suite.engine.run(echo(parameters), { items });
	const body = suite.sandbox.requests[0]?.rawBody;
	return { inputs: /"inputs":(.*)}$/s.exec(body ?? '')?.[1], error };
}
const send = async (type: Field['type'], value: unknown, json: object = {}) =>
	await start(fields({ name: 'x', type, value }), json);

type Row = [type: Field['type'], value: unknown, result: string];
/** A row for each of these values, which come to the same. */
const rows = (type: Field['type'], values: unknown[], result: string): Row[] =>
	values.map((value) => [type, value, result]);

test.each<Row>([
	// Text that is JSON is sent as written.
	['object', '{"n":12345678901234567890}', '{"n":12345678901234567890}'],
	['object', '{"n":0.10000000000000000555,"m":1e400}', '{"n":0.10000000000000000555,"m":1e400}'],
	['object', '{"a":{"b":[12345678901234567890]}}', '{"a":{"b":[12345678901234567890]}}'],
	['object', '{"__proto__":1,"a":1.0}', '{"__proto__":1,"a":1.0}'],
	['object', '{}', '{}'],
	['array', '[12345678901234567890,1.50]', '[12345678901234567890,1.50]'],
	['array', '[]', '[]'],
	['array', '[1, "a"]', '[1, "a"]'],
	['object', '= {"n": {{ $json.n }}}\n', '{"n": 12345678901234567890}'],
	['object', '={{ ({ a: [1] }) }}', '{"a":[1]}'],

	...rows('boolean', ['true', '={{ true }}', '={{ 1 }}', ' TRUE '], 'true'),
	...rows('boolean', ['false', '={{ false }}', '={{ 0 }}', '0'], 'false'),

	['number', 0.75, '0.75'],
	['number', ' 1.5e3 ', '1500'],
	['number', '1.50', '1.5'],
	['number', '+.5e3', '500'],
	['number', '007.', '7'],
	['number', '0.30000000000000004', '0.30000000000000004'],
	['number', '100.00000000000000000000000', '100'],
	['number', '9007199254740991', '9007199254740991'],

	['string', 12.5, '"12.5"'],
	['string', true, '"true"'],
	['string', { a: 1 }, '"{\\"a\\":1}"'],
	['string', '', '""'],
	['string', '={{ new Date(0) }}', '"1970-01-01T00:00:00.000Z"'],
	['string', '={{ DateTime.fromMillis(0, { zone: "utc" }) }}', '"1970-01-01T00:00:00.000Z"'],
])('a value that is sent: %s given as %j', async (type, value, sent) => {
	const { inputs, error } = await send(type, value, { n: '12345678901234567890' });
	expect(error).toBeUndefined();
	expect(inputs).toBe(`{"x":${sent}}`);
});

describe('a value that is refused', () => {
	const articleOf = (type: string) => (/^[ao]/.test(type) ? 'an' : 'a');
	const LONG = 'abcde '.repeat(20);
	const JSON_CANT = "contains a value that JSON can't represent";

	async function expectRefused(type: Field['type'], value: unknown, reason: string, json = {}) {
		const { error } = await send(type, value, json);
		expect({ message: error?.message, description: error?.description }).toEqual({
			message: `The input "x" can't be sent: it ${reason}`,
			description:
				'Change the value, or choose the type that the Start Node expects. Nothing was sent to Dibby.',
		});
		expect(suite.sandbox.requests).toHaveLength(0);
	}

	const TYPES = ['number', 'boolean', 'object', 'array'] as const;
	const DATE_TIME = '={{ DateTime.fromMillis(0, { zone: "utc" }) }}';
	// n8n itself makes a text of a DateTime before a node sees it.
	const DATE_TEXT = 'the text "1970-01-01T00:00:00.000Z"';

	test.each<Row>([
		...rows('boolean', ['={{ [] }}', '={{ [true] }}'], 'an array'),
		...rows('boolean', ['={{ {} }}', '={{ ({ a: 1 }) }}'], 'an object'),
		...rows('boolean', ['={{ null }}', '={{ $json.nothing }}'], 'empty'),
		['boolean', '', 'an empty text'],
		['boolean', 'maybe', 'the text "maybe"'],
		['boolean', '={{ 2 }}', 'a number'],

		...rows('number', ['', ' '], 'an empty text'),
		['number', LONG, `the text "${LONG.slice(0, 40)}…"`],
		...[`${'a'.repeat(39)}b`, '1,5', '0x10', '0b1', '1_000', 'Infinity', '1.2.3', 'e5', '.'].map(
			(text): Row => ['number', text, `the text "${text}"`],
		),
		['number', '={{ [1] }}', 'an array'],
		['number', '={{ ({ a: 1 }) }}', 'an object'],
		['number', '={{ true }}', 'a boolean'],
		['number', '={{ null }}', 'empty'],

		['string', '={{ undefined }}', 'empty'],
		['array', '{"a":1}', 'the text "{"a":1}"'],
		['array', '={{ 5 }}', 'a number'],
		['array', '={{ ({ a: 1 }) }}', 'an object'],
		['object', '[1]', 'the text "[1]"'],
		['object', '={{ [1] }}', 'an array'],
		['object', '', 'an empty text'],
		['object', '={{ null }}', 'empty'],

		...TYPES.map((type): Row => [type, '={{ new Date(0) }}', 'a date']),
		...TYPES.slice(0, 2).map((type): Row => [type, DATE_TIME, DATE_TEXT]),
		...TYPES.slice(2).map((type): Row => [type, DATE_TIME, `${DATE_TEXT}, which isn't valid JSON`]),
	])('%s given as %j is %s', async (type, value, found) => {
		await expectRefused(type, value, `must be ${articleOf(type)} ${type}, but it's ${found}`);
	});

	test.each<Row>([
		...rows('array', ['no list', `['O\\'Brien']`, '[1, 2,]', '1, 2'], ''),
		...rows('object', ['no object', '{a: `text`}', "{'a': 1}", '{a: 1}'], ''),
		['object', '{"total": 12345678901234567890,}', ''],
	])('%s given as text that is almost JSON, %j, is not repaired', async (type, text) => {
		const reason = `must be an ${type}, but it's the text "${String(text)}", which isn't valid JSON`;
		await expectRefused(type, '={{ $json.text }}', reason, { text });
	});

	const DIGITS = ['12345678901234567.89', '12345678901234567890', '-0.12345678901234567891'];
	test.each<Row>([
		...rows('number', DIGITS, 'has too many digits for a number, so send it as a String'),
		['number', '1e400', `${JSON_CANT} (Infinity)`],
		['object', '={{ { name: $json.nothing } }}', `${JSON_CANT} (undefined)`],
	])('%s given as %j %s', async (type, value, reason) => {
		await expectRefused(type, value, reason);
	});

	test('is quoted without cutting a character in two', async () => {
		const { error } = await send('number', `${'a'.repeat(39)}😀😀`);
		expect(error?.message).toMatch(/it's the text "a{39}(😀)?…"$/u);
	});

	test('of any length is judged right away', async () => {
		for (const text of ['1'.repeat(9_000_000), `${'0'.repeat(200_000)}x`]) {
			const { error } = await send('number', '={{ $json.text }}', { text });
			expect(error?.message).toContain("it must be a number, but it's the text");
		}
	});

	test('is named, also where the name holds an error code, which n8n looks for', async () => {
		const { error } = await start(fields({ name: 'ECONNREFUSED', type: 'number', value: 'x' }));
		expect(error?.message).toMatch(/^The input "ECONNREFUSED" can't be sent/);
	});
});

describe('a field of the item', () => {
	const circular: { self?: object } = {};
	circular.self = circular;
	const cannot = (kind: string) => `a value that JSON can't represent (${kind})`;

	test.each<[unknown, string]>([
		[() => 1, cannot('function')],
		[Symbol('s'), cannot('symbol')],
		[1n, cannot('bigint')],
		[NaN, cannot('NaN')],
		[[undefined], cannot('undefined')],
		[new Map(), cannot('Map')],
		[/x/, cannot('RegExp')],
		[new Error('x'), cannot('Error')],
		[new Uint8Array(2), cannot('Uint8Array')],
		[Buffer.from('x'), cannot('Buffer')],
		[new (class Invoice {})(), cannot('Invoice')],
		[Object(5), cannot('Number')],
		[[new Date(NaN)], 'an invalid date'],
		[circular, 'a circular reference'],
	])('that JSON would change is refused: %p', async (x, what) => {
		const { error } = await start({}, { deep: { x } });
		expect(error?.message).toBe(`The input "deep" can't be sent: it contains ${what}`);
	});

	test('that is undefined is left out, as n8n does when it stores the item', async () => {
		const { inputs } = await start({}, { a: undefined, b: { c: undefined, d: 1 } });
		expect(inputs).toBe('{"b":{"d":1}}');
	});

	test('may be one of 150,000, or a list of 150,000 objects or a million numbers', async () => {
		const many = Array.from({ length: 150_000 }, (_value, id) => ({ id, name: `row ${id}` }));
		const numbers = Array.from({ length: 1_000_000 }, (_value, index) => index);
		const json = { many, numbers, ...Object.fromEntries(many.map(({ name, id }) => [name, id])) };
		expect((await start({}, json)).inputs?.endsWith('"row 149999":149999}')).toBe(true);
	});
});
