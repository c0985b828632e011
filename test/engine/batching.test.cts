import type { IDataObject, INode } from 'n8n-workflow';

import { echo, fields, numbers, WAIT } from '../support/jobs.cts';
import { untilQuiet } from '../support/patience.cts';
import { useSuite } from '../support/suite.cts';

// Batching of n8n's Request Options: the items start in groups, with a pause between them.
const suite = useSuite();
const CONTINUE = { onError: 'continueRegularOutput' as const };
const ofN = (value: string) => fields({ name: 'n', type: 'number', value });
const echoN = ofN('={{ $json.n }}');
const groups = (batchSize: number | string, batchInterval: number | string = 60): IDataObject => ({
	requestOptions: { batching: { batch: { batchSize, batchInterval } } },
});
const startedNumbers = () => [...suite.sandbox.runs.values()].map(({ inputs }) => inputs.n);

/** Longer than a busy machine takes for the slowest job here. */
const HANGS_MS = 60_000;

/** Runs a job, and cancels it when it takes so long that it hangs. */
async function run(count: number, parameters: IDataObject, node: Partial<INode> = {}) {
	let timer: NodeJS.Timeout | undefined;
	const result = await suite.engine.run(echo(parameters, node), {
		items: numbers(count),
		onStart: ({ cancel }) => (timer = setTimeout(cancel, HANGS_MS)),
	});
	clearTimeout(timer);
	return result;
}

test('with Execute Once, nobody waits for further items', async () => {
	const given = { ...WAIT, ...echoN, ...groups(2, 60_000) };
	const { items, run: ended } = await run(5, given, { executeOnce: true });
	expect(ended.status).toBe('success');
	expect(items.map(({ json }) => json)).toEqual([{ n: 0 }]);
	expect(startedNumbers()).toEqual([0]);
});

const PAUSE_MS = 2_000;
/** The pauses between groups. The test's clock doesn't wait for them. */
const groupPauses = () => suite.clock.pauses.filter((pause) => pause === PAUSE_MS);

test.each([
	[2, PAUSE_MS, 2],
	['2', PAUSE_MS, 2],
	[2, String(PAUSE_MS), 2],
	[-1, PAUSE_MS, 5],
	['-1', String(PAUSE_MS), 5],
	[0, PAUSE_MS, 5],
	['abc', PAUSE_MS, 5],
	[5, PAUSE_MS, 1],
	// n8n reads it from the first item.
	['={{ $json.n === 0 ? 2 : 1000 }}', PAUSE_MS, 2],
	['={{ $json.n === 0 ? 1000 : $json.n }}', PAUSE_MS, 0],
])('six items in groups of %j, %j ms apart, take %d pauses', async (size, interval, pauses) => {
	const { run: ended, items } = await run(6, { ...WAIT, ...echoN, ...groups(size, interval) });
	expect(ended.status).toBe('success');
	expect(items).toMatchObject(
		[0, 1, 2, 3, 4, 5].map((n) => ({ json: { n }, pairedItem: { item: n } })),
	);
	expect(groupPauses()).toHaveLength(pauses);
});

test('each group starts after the pause', async () => {
	suite.clock.restore();
	await run(4, { ...echoN, ...groups(2, PAUSE_MS) });
	const [, second = 0, third = 0] = suite.sandbox.requests.map(({ startedAt }) => startedAt);
	expect(third - second).toBeGreaterThan(PAUSE_MS / 2);
});

test.each([
	['a value', '={{ $json.n === 3 ? "three" : $json.n }}'],
	// For the first item of the second group.
	['an expression', '={{ $json.n === 2 ? $("Nowhere").item.json.x : $json.n }}'],
])('%s that is invalid for a later item keeps all from starting', async (_what, value) => {
	for (const batching of [{}, groups(2)]) {
		const { error } = await run(6, { ...ofN(value), ...batching });
		expect(error?.description).toContain('Nothing was sent to Dibby.');
		expect(await untilQuiet(() => suite.sandbox.requests.length, 50)).toBe(0);
	}
});

test('with On Error: Continue, expressions that fail for a whole group leave later groups alone', async () => {
	suite.clock.restore();
	const value = '={{ $json.n === 1 ? $("Nowhere").item.json.x : $json.n }}';
	// The first item is still waited for when the third comes, two pauses later.
	const slow = { ...groups(1, 300), options: { pollInterval: 0.7 } };
	const { items } = await run(4, { ...WAIT, ...ofN(value), ...slow }, CONTINUE);
	expect([0, 2, 3].map((n) => items[n]?.json)).toEqual([0, 2, 3].map((n) => ({ n })));
	expect(startedNumbers().sort()).toEqual([0, 2, 3]);
});

test.each([
	{ batching: { batch: { batchSize: '={{ $("Nowhere").item.json.x }}', batchInterval: 1 } } },
	{ timeout: '={{ $itemIndex === 0 ? $("Nowhere").item.json.x : 5000 }}' },
])('with On Error: Continue, expressions that fail in Request Options: %j', async (given) => {
	const requestOptions = given as IDataObject;
	const { items } = await run(3, { ...echoN, requestOptions }, CONTINUE);
	const started = suite.sandbox.runs.size;
	expect(items.map(({ json }) => 'error' in json)).toEqual([true, started === 0, started === 0]);
	const { error } = await run(3, { ...echoN, requestOptions });
	expect(error?.description).toContain('Nothing was sent to Dibby.');
});

test('with On Error: Continue, expressions that fail first and in the middle leave the others alone', async () => {
	const value = '={{ [0, 2].includes($json.n) ? $("Nowhere").item.json.x : $json.n }}';
	const { items, run: ended } = await run(6, { ...WAIT, ...ofN(value), ...groups(2) }, CONTINUE);
	expect(ended.status).toBe('success');
	expect(items).toHaveLength(6);
	expect([1, 3, 4, 5].map((n) => items[n]?.json)).toEqual([1, 3, 4, 5].map((n) => ({ n })));
	for (const n of [0, 2]) expect(items[n]?.json.error ?? items[n]?.error).toBeDefined();
	expect(startedNumbers().sort()).toEqual([1, 3, 4, 5]);
});
