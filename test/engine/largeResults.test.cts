import type { IDataObject } from 'n8n-workflow';

import { useDibbyLike } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { getRun } from '../support/jobs.cts';

// Time and memory must be linear in a result's size, and no size may overflow the stack.
const RUN_ID = 'run_of_much';
const DOCUMENT = 'data:text/plain;base64,aGk=';

const suite = useDibbyLike();
let text: string;
beforeEach(() => {
	suite.answer = (response) => response.end(text);
});

const finished = (output: string) => `{"id":"${RUN_ID}","status":"FINISHED","output":${output}}`;

async function get(parameters: IDataObject = {}) {
	const engine = await startEngine({ token: 'token', baseUrl: suite.server.url });
	const given = { output: 'output', waitForCompletion: true, ...parameters };
	return await engine.run(getRun(RUN_ID, given));
}

test.each([true, false])('125,000 objects arrive, files: %j', async (documentsAsFiles) => {
	const row = JSON.stringify({ n: 1, tags: ['a'], in: { page: 'x' } });
	text = finished(`{"rows":[${Array(125_000).fill(row).join(',')},"${DOCUMENT}"]}`);
	const { items, error } = await get({ options: { documentsAsFiles } });
	expect(error).toBeUndefined();
	expect(items[0]?.json.rows).toHaveLength(125_001);
	const files = documentsAsFiles ? ['rows_125000'] : [];
	expect(Object.keys(items[0]?.binary ?? {})).toEqual(files);
});

test('30 MB of numbers arrive', async () => {
	text = finished(`{"a":[${'1,'.repeat(15_000_000)}2],"b":"${DOCUMENT}"}`);
	const start = performance.now();
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(items[0]?.json.a).toHaveLength(15_000_001);
	expect(items[0]?.binary?.b).toBeDefined();
	// Milliseconds, on a busy machine. With a list of the numbers' places, it was a minute.
	expect(performance.now() - start).toBeLessThan(20_000);
});

test.each([
	['plain text', 'word '],
	['escapes', '\\n\\"\\\\'],
	['the start of a document, escaped', '\\"data:a/b;base64,'],
	['documents that are none', 'data:a/b;base64,!'],
	['base64', 'QUJD'],
	['signs of padding', '===='],
])('40 MB of %s arrive as they are', async (_what, part) => {
	const json = `"${part.repeat(40_000_000 / part.length)}"`;
	text = finished(`{"text":${json},"b":"${DOCUMENT}"}`);
	const start = performance.now();
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(items[0]?.json.text === JSON.parse(json)).toBe(true);
	expect(items[0]?.binary?.b).toBeDefined();
	// Milliseconds, on a busy machine. Quadratic time would be minutes.
	expect(performance.now() - start).toBeLessThan(10_000);
});

test('an integer with more digits than a number can hold becomes text with all of them', async () => {
	text = finished(`{"total":7615917337495251231,"year":2026,"b":"${DOCUMENT}"}`);
	const { items } = await get();
	expect(items[0]?.json).toMatchObject({ total: '7615917337495251231', year: 2026 });
	expect(items[0]?.binary?.b).toBeDefined();
});

test('40 MB of padding in the middle of a document arrive as they are', async () => {
	for (const end of ['A', ' ', '!']) {
		const value = `data:a/b;base64,QUJD${'='.repeat(40_000_000)}${end}`;
		text = finished(JSON.stringify({ value, b: DOCUMENT }));
		const start = performance.now();
		const { items, error } = await get();
		expect(error).toBeUndefined();
		if (end === ' ') expect(items[0]?.json.value).toMatchObject({ bytes: 3 });
		else expect(items[0]?.json.value === value).toBe(true);
		expect(performance.now() - start).toBeLessThan(10_000);
	}
});

test('200,000 documents: the first thousand become files', async () => {
	text = finished(`{"list":[${Array(200_000).fill(`"${DOCUMENT}"`).join(',')}]}`);
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(items[0]?.json.list).toHaveLength(200_000);
	expect(Object.keys(items[0]?.binary ?? {})).toHaveLength(1_000);
});

describe('a result that is nested too deeply for n8n', () => {
	const nested = (depth: number, open = '{"in":', end = '}') =>
		finished(`${open.repeat(depth)}"${DOCUMENT}"${end.repeat(depth)}`);

	test.each([true, false])('is an error with the run, files: %j', async (documentsAsFiles) => {
		for (const deep of [nested(120_000), nested(120_000, '[', ']')]) {
			text = deep;
			const { items, error } = await get({ options: { documentsAsFiles } });
			expect(items).toEqual([]);
			expect(error).toMatchObject({
				message: "The Dibby run's result is nested too deeply for n8n",
				runId: RUN_ID,
			});
			expect(error?.description).toContain(RUN_ID);
		}
	});

	test('is an error only if it reaches the item', async () => {
		text = nested(120_000).replace('"output"', '"result"');
		expect((await get({ output: 'output' })).error).toMatchObject({ runId: RUN_ID });
		text = text.replace('"status"', '"output":{"a":1},"status"');
		const { items, error } = await get({ output: 'output' });
		expect(error).toBeUndefined();
		expect(items[0]?.json).toEqual({ a: 1 });
	});

	test('of a thousand levels is none', async () => {
		text = nested(1_000);
		const { items, error, run } = await get();
		expect(error).toBeUndefined();
		expect(Object.keys(items[0]?.binary ?? {})).toHaveLength(1);
		expect(structuredClone(run.data.resultData.runData)).toBeDefined();
	});
});
