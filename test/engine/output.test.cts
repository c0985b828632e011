import type { IDataObject } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, inMemoryFile, numbers, triggerRun, WAIT } from '../support/jobs.cts';
import { contentOf, storage } from '../support/n8n.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();
const DOCUMENT = 'data:text/plain;base64,aGk=';

const report = (parameters: object = {}, node: object = {}) => {
	const inputs = fields(
		{ name: 'title', type: 'string', value: 'Q1' },
		{ name: 'rows', type: 'array', value: [1, 2] },
	);
	return triggerRun(WORKFLOWS.report.id, { ...WAIT, ...inputs, ...parameters }, node);
};

/** Runs a workflow whose result is this output. */
async function outputOf(output: unknown, parameters: object = {}) {
	suite.sandbox.failOn('GET', { kind: 'output', output });
	const { items, error } = await suite.engine.run(echo({ ...WAIT, ...parameters }));
	expect(error).toBeUndefined();
	return items[0];
}

test('documents in the output become binary fields, and the JSON keeps a short reference', async () => {
	const { items } = await suite.engine.run(report({ output: 'run' }));
	const { json = {}, binary } = items[0] ?? {};
	expect(Object.keys(binary ?? {})).toEqual(['report', 'attachments_0_file']);
	expect(json.output).toMatchObject({
		title: 'Q1',
		report: { binaryField: 'report', fileName: 'report.pdf', mimeType: 'application/pdf' },
		attachments: [
			{ name: 'rows', file: { binaryField: 'attachments_0_file', mimeType: 'text/csv' } },
		],
	});
	expect((await contentOf(binary?.report)).subarray(0, 5).toString()).toBe('%PDF-');
	expect((await contentOf(binary?.attachments_0_file)).toString()).toBe('row,content\n1,1\n2,2\n');
	expect(JSON.stringify(json).length).toBeLessThan(700);
});

describe("the run's ID as dibbyRunId", () => {
	test.each([
		['beside the output of the workflow', {}],
		['in a full run, next to its id', { output: 'run' }],
		// The run comes whole then, whatever was chosen before.
		['in a run that nobody waited for', { waitForCompletion: false }],
	])('stands %s', async (_where, parameters) => {
		const { items, runIds } = await suite.engine.run(report(parameters));
		expect(runIds).toEqual(suite.sandbox.runIds);
		if (Object.keys(parameters).length > 0) expect(items[0]?.json.id).toBe(runIds[0]);
	});

	test.each([{ error: 'none found' }, { message: 'all good', error: 'none', dibbyRunId: 'own' }])(
		"keeps n8n from sending the output %j to the error output, and wins over the workflow's own",
		async ({ dibbyRunId, ...output }) => {
			suite.sandbox.failOn('GET', { kind: 'output', output: { ...output, dibbyRunId } });
			const step = report({}, { onError: 'continueErrorOutput' });
			const { items, errorItems, runIds } = await suite.engine.run(step);
			expect(items.map(({ json }) => json)).toEqual([output]);
			expect(errorItems).toEqual([]);
			expect(runIds).toEqual(suite.sandbox.runIds);
		},
	);
});

test('what a new node does: it waits, and gives the output of the workflow', async () => {
	const workflow = { __rl: true, mode: 'id', value: WORKFLOWS.echo.id };
	const step = { type: 'dibby', parameters: { workflow, specifyInputs: 'item' } };
	const { items, runIds } = await suite.engine.run(step, { items: numbers(1) });
	expect(items[0]?.json).toEqual({ n: 0 });
	expect(runIds).toEqual(suite.sandbox.runIds);
});

test.each([
	[null, {}],
	[{}, {}],
	[[1, 2], { output: [1, 2] }],
	['text', { output: 'text' }],
	[0, { output: 0 }],
])('the output %j becomes the item %j', async (output, json) => {
	expect((await outputOf(output))?.json).toEqual(json);
});

test('documents with parameters, without a type, and empty ones', async () => {
	const item = await outputOf({
		a: 'data:text/plain;charset=utf-8;base64,aGk=',
		b: 'data:;base64,aGk=',
		c: 'data:text/plain;base64,',
	});
	const text = { bytes: 2, mimeType: 'text/plain' };
	expect(item?.json).toMatchObject({ a: { bytes: 2 }, b: text, c: { bytes: 0 } });
});

test('files are named after where they were, with names that n8n takes', async () => {
	const item = await outputOf({
		pages: [{ image: DOCUMENT }, { image: DOCUMENT, none: null, number: 1 }],
		last: DOCUMENT,
		'a b': DOCUMENT,
		'a.b': DOCUMENT,
		a_b: DOCUMENT,
		'ü/../x': DOCUMENT,
		'': DOCUMENT,
		deep: { a: { b: { c: { d: { e: { f: { g: DOCUMENT } } } } } } },
		[`long${'x'.repeat(200)}`]: DOCUMENT,
	});
	const inOrder = ['last', 'a_b', 'a_b_2', 'a_b_3', 'ü_x', 'document', `long${'x'.repeat(96)}`];
	const nested = ['pages_0_image', 'pages_1_image', 'a_b_c_d_e_f_g'];
	expect(Object.keys(item?.binary ?? {})).toEqual([...inOrder, ...nested]);
	expect(item?.binary?.last).toMatchObject({ fileName: 'last.txt', mimeType: 'text/plain' });
});

test.each(['run', 'output'])('a document as the whole output of "%s"', async (output) => {
	const item = await outputOf(DOCUMENT, { output });
	expect(Object.keys(item?.binary ?? {})).toEqual(['output']);
	const file = { fileName: 'output.txt', mimeType: 'text/plain', bytes: 2 };
	expect(item?.json.output).toEqual({ binaryField: 'output', ...file });
});

test("a fault of n8n's own storage is an error with the run's ID", async () => {
	storage.store = async () => await Promise.reject(new Error('ENOSPC: no space left on device'));
	const { items } = await suite.engine.run(report({}, { onError: 'continueRegularOutput' }));
	const [dibbyRunId] = suite.sandbox.runIds;
	const message = 'The Dibby node stopped unexpectedly';
	expect(items[0]?.json.error).toMatchObject({ message, dibbyRunId });
});

describe("'Keep Source'", () => {
	const pdf = (name: string) => inMemoryFile(name, 'application/pdf', name);
	const SOURCE = {
		json: { subject: 'Invoice', total: 1, dibbyRunId: 'run_0' },
		binary: { invoice: pdf('invoice.pdf'), report: pdf('old.pdf') },
	};

	/** Gives what comes out for an item whose run has this output. */
	async function runKeeping(
		keepSource: string,
		output: IDataObject,
		parameters = {},
		source: object = SOURCE,
	) {
		suite.sandbox.failOn('GET', { kind: 'output', output });
		const given = { ...WAIT, documents: {}, options: { keepSource }, ...parameters };
		const isCombined = '_files' in (source as typeof SOURCE).json;
		const settings = isCombined ? ({ binaryMode: 'combined' } as const) : {};
		const items = [{ json: { other: 1 } }, source as never];
		const result = await suite.engine.run(echo(given), { items, settings });
		expect(result.runIds).toEqual(suite.sandbox.runIds);
		const [, item] = result.items;
		expect(item?.pairedItem).toEqual({ item: 1 });
		return { json: item?.json, binary: item?.binary };
	}

	test("files are kept next to the result's files, which win when names clash", async () => {
		const { json, binary } = await runKeeping('binary', { report: DOCUMENT });
		const reference = { fileName: 'report.txt', mimeType: 'text/plain' };
		expect(json).toEqual({ report: { binaryField: 'report', bytes: 2, ...reference } });
		expect(binary).toMatchObject({ invoice: SOURCE.binary.invoice, report: reference });
	});

	test('both are kept, also next to a full run', async () => {
		const { json, binary } = await runKeeping('both', { total: 2 }, { output: 'run' });
		expect(json).toMatchObject({ subject: 'Invoice', total: 1, output: { total: 2 } });
		expect(binary).toEqual(SOURCE.binary);
	});

	test('the incoming item stays as it is, even if it has no files', async () => {
		const source = { json: { a: { page: DOCUMENT } } };
		const { json, binary } = await runKeeping('both', { b: DOCUMENT }, {}, source);
		expect(json?.a).toEqual({ page: DOCUMENT });
		expect(source).toEqual({ json: { a: { page: DOCUMENT } } });
		expect(Object.keys(binary ?? {})).toEqual(['b']);
	});

	const FILES = { _files: { invoice: pdf('invoice.pdf') } };
	const COMBINED = { json: { ...SOURCE.json, ...FILES } };
	test.each<[where: string, keep: string, source: object, kept: IDataObject]>([
		['in the separate binary mode', 'json', SOURCE, { subject: 'Invoice' }],
		['in the combined binary mode', 'json', COMBINED, { subject: 'Invoice' }],
		['in the combined binary mode', 'binary', COMBINED, FILES],
		['in the combined binary mode', 'both', COMBINED, { subject: 'Invoice', ...FILES }],
	])('%s, %s is kept next to the result, which wins', async (_where, keep, source, kept) => {
		const { json, binary } = await runKeeping(keep, { total: 2 }, {}, source);
		expect(json).toEqual({ ...kept, total: 2 });
		expect(binary).toBeUndefined();
	});
});

test.each([
	['n, list', { n: 0, list: [1] }],
	['nothing', {}],
	['={{ ["n"] }}', { n: 0 }],
])("'Selected Fields' %j are %j", async (outputFields, expected) => {
	const step = echo({ waitForCompletion: true, output: 'fields', outputFields });
	const items = [{ json: { n: 0, list: [1], text: 'x' } }];
	expect((await suite.engine.run(step, { items })).items[0]?.json).toEqual(expected);
});
