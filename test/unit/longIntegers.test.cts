import fc from 'fast-check';

import { quoteLongIntegers } from '../../dist/nodes/Dibby/api/longIntegers.js';

const parse = (json: string) => JSON.parse(quoteLongIntegers(json)) as unknown;

test.each([
	['{"a":7615917337495251231}', { a: '7615917337495251231' }],
	['{"a":-12345678901234567890 , "b":1}', { a: '-12345678901234567890', b: 1 }],
	['[12345678901234567890,\n12345678901234567\n]', ['12345678901234567890', '12345678901234567']],
	['[9007199254740991,-9007199254740991]', [9007199254740991, -9007199254740991]],
	['[9007199254740993]', ['9007199254740993']],
	[
		'[1234567890123456.5,1e30,12345678901234567e3,0.12345678901234567]',
		[1234567890123456.5, 1e30, 12345678901234567e3, 0.12345678901234567],
	],
	['{"a":"x, 12345678901234567890"}', { a: 'x, 12345678901234567890' }],
	[
		'{"a":"\\", 12345678901234567890, \\\\","b":12345678901234567890}',
		{ a: '", 12345678901234567890, \\', b: '12345678901234567890' },
	],
	[
		'{": 12345678901234567890":{"id":12345678901234567890}}',
		{ ': 12345678901234567890': { id: '12345678901234567890' } },
	],
])('%s', (json, value) => {
	expect(parse(json)).toEqual(value);
});

test('other JSON stays as it is', () => {
	const value = fc.oneof(fc.jsonValue(), fc.maxSafeInteger(), fc.double());
	const losesDigits = (number: unknown) =>
		typeof number === 'number' && /^-?\d+$/.test(String(number)) && !Number.isSafeInteger(number);
	const quoted = (_key: string, given: unknown) => (losesDigits(given) ? String(given) : given);
	const indents = fc.constantFrom(undefined, '\t');
	const property = fc.property(fc.array(value), indents, (values, indent) => {
		const json = JSON.stringify([...values, ': 12345678901234567 "'], undefined, indent);
		expect(parse(json)).toEqual(JSON.parse(json, quoted));
	});
	fc.assert(property, { numRuns: 300 });
});

test.each([
	['a long number', `{"a":${'1'.repeat(40_000_000)}}`],
	['escapes', `{"a":"${'\\n\\"'.repeat(5_000_000)}","b":12345678901234567890}`],
	['numbers in a text', `{"a":"${', 12345678901234567890'.repeat(2_000_000)}"}`],
	['nesting', `${'[12345678901234567890,'.repeat(500_000)}1${']'.repeat(500_000)}`],
	['numbers', `[${'1,'.repeat(10_000_000)}12345678901234567890]`],
])('40 MB of %s take seconds at most', (_what, json) => {
	const start = performance.now();
	parse(json);
	expect(performance.now() - start).toBeLessThan(10_000);
});
