import fc from 'fast-check';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, fields, sha256, triggerRun } from '../support/jobs.cts';
import type { Field } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Whatever goes in: either the body that reaches Dibby equals an independent encoding of the same inputs,
// or there is a sentence and nothing is sent.
const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);
const suite = useSuite({ keepBodies: true });

/** Any text, with halves of characters, control characters and names that JavaScript knows. */
const text = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 12 }),
	fc
		.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
		.map((codes) => String.fromCharCode(...codes)),
	fc.constantFrom(
		...['__proto__', 'constructor', 'toString', 'a.b', 'a[0]'],
		...['"', '\\', '\ud800', 'EPERM', '\u2028'],
	),
);
const inputName = text.filter((name) => name !== '');
const isExpression = (name: string) => name.startsWith('=');
const json = fc.jsonValue({ depthSize: 'medium' });
/** Inputs with different names. */
const members = <Value,>(value: fc.Arbitrary<Value>, minLength = 0) =>
	fc.uniqueArray(fc.tuple(inputName, value), {
		selector: ([name]) => name,
		minLength,
		maxLength: 5,
	});

/** One run of the node: what Dibby got, and what the user got. */
async function send(parameters: object, item: object = { json: {} }) {
	suite.sandbox.requests.length = 0;
	const steps = [triggerRun(WORKFLOWS.echo.id, parameters as never)];
	const { items, error } = await suite.engine.run(steps, { items: [item as never] });
	return { items, error, bodies: suite.sandbox.requests.map(({ rawBody }) => rawBody ?? '') };
}

/** The body as another implementation writes it: members in order, each by `JSON.stringify`. */
function reference(members: Array<[string, unknown]>): string {
	const inputs = members
		.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
		.join(',');
	return `{"workflowId":"${WORKFLOWS.echo.id}","inputs":{${inputs}}}`;
}

async function forAll<Value>(
	values: fc.Arbitrary<Value>,
	check: (value: Value) => Promise<void>,
): Promise<void> {
	await fc.assert(fc.asyncProperty(values, check), {
		numRuns: RUNS,
		interruptAfterTimeLimit: 25_000,
		markInterruptAsFailure: true,
	});
}

test('JSON values of the incoming item', async () => {
	await forAll(members(json), async (pairs) => {
		const sent = pairs.filter(([name]) => name !== '__proto__');
		const object = Object.fromEntries(sent);
		const { bodies, error } = await send({ specifyInputs: 'item' }, { json: object });
		expect(error?.message).toBeUndefined();
		expect(bodies).toEqual([reference(Object.entries(object))]);
	});
}, 30_000);

test('JSON written as text reaches Dibby with every digit, and names as written', async () => {
	const number = fc.stringMatching(/^-?[1-9]\d{0,30}(\.\d{1,20})?(e[+-]?\d{1,2})?$/);
	const value = fc.oneof(
		number,
		json.map((any) => JSON.stringify(any)),
	);
	await forAll(members(value, 1), async (pairs) => {
		const written = pairs.map(([name, raw]) => `${JSON.stringify(name)} : ${raw}`).join(' ,\n');
		// A brace pair would be an expression of n8n.
		fc.pre(!written.includes('{{') && !written.includes('}}'));
		const { bodies, error } = await send({ specifyInputs: 'json', jsonInputs: `{${written}}` });
		expect(error?.message).toBeUndefined();
		expect(bodies).toEqual([`{"workflowId":"${WORKFLOWS.echo.id}","inputs":{${written}}}`]);
	});
}, 30_000);

test('fields of every type, with fitting values', async () => {
	const typed = <Type extends Field['type']>(type: Type, value: fc.Arbitrary<unknown>) =>
		fc.record({ type: fc.constant(type), value });
	const field = fc.oneof(
		typed('string', text),
		typed('number', fc.double({ noNaN: true, noDefaultInfinity: true })),
		typed('boolean', fc.boolean()),
		typed('array', fc.array(json, { maxLength: 3 })),
		typed('object', fc.dictionary(fc.string(), json, { maxKeys: 3 })),
	);
	await forAll(members(field), async (pairs) => {
		fc.pre(!pairs.some(([name]) => isExpression(name)));
		// A value that begins with = would be an expression, too, so values come from the item.
		const values = pairs.map(([, { value }]) => value);
		const list = pairs.map(([name, { type }], index) => ({
			name,
			type,
			value: `={{ $json.values[${index}] }}`,
		}));
		const { bodies, error } = await send(fields(...list), { json: { values } });
		expect(error?.message).toBeUndefined();
		expect(bodies).toEqual([reference(pairs.map(([name, { value }]) => [name, value]))]);
	});
}, 30_000);

test('documents with any content, media type and file name', async () => {
	const mimeType = fc.oneof(
		fc.constantFrom('application/pdf', 'text/plain; charset="utf-8"', 'a/b,c', 'x', ''),
		text,
	);
	const file = fc.record({
		content: fc.uint8Array({ minLength: 1, maxLength: 40 }),
		mimeType,
		fileName: fc.option(text, { nil: undefined }),
	});
	await forAll(
		fc.tuple(
			inputName.filter((name) => !isExpression(name)),
			file,
		),
		async ([name, { content, mimeType: type, fileName }]) => {
			const data = { data: Buffer.from(content).toString('base64'), mimeType: type, fileName };
			const { bodies, error } = await send(document(name), { json: {}, binary: { data } });
			expect(error?.message).toBeUndefined();
			const [, mediaType, base64] =
				/data:([^;,"]*(?:;[\w.+-]+=[\w.+-]+)*);base64,([^"]*)"}}$/.exec(bodies[0] ?? '') ?? [];
			expect(mediaType).toMatch(/^[\w.+-]+\/[\w.+-]+(;[\w.+-]+=[\w.+-]+)*$/);
			expect(Buffer.from(base64 ?? '', 'base64')).toEqual(Buffer.from(content));
			const run = [...suite.sandbox.runs.values()].at(-1);
			expect(Object.entries(run?.inputs ?? {})).toEqual([
				[name, expect.objectContaining({ sha256: sha256(Buffer.from(content)) })],
			]);
		},
	);
}, 30_000);

test('deep nesting is sent or refused, and never crashes', async () => {
	for (const depth of [10, 1000, 100_000]) {
		let value: unknown = 1;
		for (let level = 0; level < depth; level++) value = [value];
		const result = await send({ specifyInputs: 'item' }, { json: { value } });
		if (result.error === undefined)
			expect(result.bodies[0]).toHaveLength(reference([['value', 1]]).length + 2 * depth);
		else {
			expect(result.error.message).toMatch(/nested too deeply/);
			expect(result.error.description).toMatch(/Nothing was sent to Dibby\.$/);
			expect(result.bodies).toEqual([]);
		}
	}
});
