import { createHash } from 'node:crypto';

import type { BinaryDataService } from 'n8n-core';
import { Container } from '../support/n8n.cts';
import { BinaryDataService as Service } from 'n8n-core';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();
const WAIT = { waitForCompletion: true };

const report = (parameters: object = {}) =>
	triggerRun(WORKFLOWS.report.id, {
		...WAIT,
		...fields(
			{ name: 'title', type: 'string', value: 'Q1' },
			{ name: 'rows', type: 'array', value: [1, 2] },
		),
		...parameters,
	});

/** Runs a workflow whose result is this output. */
async function outputOf(output: unknown, parameters: object = {}) {
	suite.sandbox.failOn('GET', { kind: 'output', output });
	const step = echo({ ...WAIT, output: 'output', ...parameters });
	const { items, error } = await suite.engine.run(step);
	expect(error).toBeUndefined();
	return items[0];
}

async function contentOf(file: { id?: string; data: string } | undefined): Promise<Buffer> {
	const service: BinaryDataService = Container.get(Service);
	return await service.getAsBuffer(file as never);
}

test('documents in the output become binary fields, and the JSON keeps a short reference', async () => {
	const { items } = await suite.engine.run(report());
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

test('documents stay in the JSON when the user wants that', async () => {
	const { items } = await suite.engine.run(
		report({ options: { documentsAsFiles: false }, output: 'output' }),
	);
	expect(items[0]?.binary).toBeUndefined();
	expect(items[0]?.json.report).toMatch(/^data:application\/pdf;base64,JVBERi0/);
});

test('Workflow Output Only gives what the Result Node gives', async () => {
	const { items } = await suite.engine.run(report({ output: 'output' }));
	expect(items[0]?.json).toMatchObject({ title: 'Q1', rows: 2 });
	expect(items[0]?.json.status).toBeUndefined();
});

describe("beside the workflow's output, the run's ID", () => {
	test('stands as dibbyRunId', async () => {
		const { runIds } = await suite.engine.run(report({ output: 'output' }));
		expect(runIds).toEqual(suite.sandbox.runIds);
	});

	test('wins over what the workflow returns under that name', async () => {
		const output = { dibbyRunId: 'of the workflow' };
		suite.sandbox.failOn('GET', { kind: 'output', output });
		const { runIds } = await suite.engine.run(report({ output: 'output' }));
		expect(runIds).toEqual(suite.sandbox.runIds);
	});

	test('stands in a full run too, next to its id', async () => {
		const { items, runIds } = await suite.engine.run(report());
		expect(runIds).toEqual(suite.sandbox.runIds);
		expect(items[0]?.json.id).toBe(runIds[0]);
	});

	test('stands in a run that nobody waited for', async () => {
		const { items, runIds } = await suite.engine.run(report({ waitForCompletion: false }));
		expect(runIds).toEqual(suite.sandbox.runIds);
		expect(items[0]?.json.id).toBe(runIds[0]);
	});

	test.each([{ error: 'none found' }, { message: 'all good', error: 'none' }])(
		'keeps n8n from sending the output %j to the error output',
		async (output) => {
			suite.sandbox.failOn('GET', { kind: 'output', output });
			const step = report({ output: 'output' });
			const { items, errorItems } = await suite.engine.run({
				...step,
				onError: 'continueErrorOutput',
			});
			expect(items.map(({ json }) => json)).toEqual([output]);
			expect(errorItems).toEqual([]);
		},
	);
});

test('what a new node does: it waits, and gives the output of the workflow', async () => {
	const { items, runIds } = await suite.engine.run(
		{
			type: 'dibby',
			parameters: {
				workflow: { __rl: true, mode: 'id', value: WORKFLOWS.echo.id },
				specifyInputs: 'item',
			},
		},
		{ items: [{ json: { n: 1 } }] },
	);
	expect(items[0]?.json).toEqual({ n: 1 });
	expect(runIds).toEqual(suite.sandbox.runIds);
});

test('while nothing is waited for, the run comes whole whatever was chosen before', async () => {
	const { items } = await suite.engine.run(report({ waitForCompletion: false, output: 'output' }));
	expect(items[0]?.json).toMatchObject({ id: suite.sandbox.runIds[0], status: 'PENDING' });
});

test('many documents arrive byte for byte', async () => {
	const { items } = await suite.engine.run(
		triggerRun(WORKFLOWS.manyDocuments.id, {
			...WAIT,
			output: 'output',
			...fields(
				{ name: 'count', type: 'number', value: 12 },
				{ name: 'bytes', type: 'number', value: 100_001 },
			),
		}),
	);
	const rows = items[0]?.json.documents as Array<{
		sha256: string;
		file: { binaryField: string; bytes: number };
	}>;
	expect(rows).toHaveLength(12);
	for (const { sha256, file } of rows) {
		const content = await contentOf(items[0]?.binary?.[file.binaryField]);
		expect(file.bytes).toBe(100_001);
		expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
	}
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

test.each([
	'data:application/pdf,plain',
	'data:;base64;x,AAAA',
	'prefix data:text/plain;base64,AAAA',
	'data:text/plain;base64,====',
	'data:',
	'',
])('%j is no document and stays as it is', async (text) => {
	const item = await outputOf({ text });
	expect(item?.json).toEqual({ text });
	expect(item?.binary).toBeUndefined();
});

test('documents with parameters, without a type, and empty ones', async () => {
	const item = await outputOf({
		a: 'data:text/plain;charset=utf-8;base64,aGk=',
		b: 'data:;base64,aGk=',
		c: 'data:text/plain;base64,',
	});
	expect(item?.json).toMatchObject({
		a: { bytes: 2 },
		b: { bytes: 2, mimeType: 'text/plain' },
		c: { bytes: 0 },
	});
});

test('names that collide or hold odd characters become names that n8n takes', async () => {
	const document = 'data:text/plain;base64,aGk=';
	const item = await outputOf({ 'a b': document, a_b: document, 'ü/../x': document, '': document });
	expect(Object.keys(item?.binary ?? {})).toEqual(['a_b', 'a_b_2', 'ü_x', 'document']);
});

test('files are named after where they were, in the order in which they came', async () => {
	const document = 'data:text/plain;base64,aGk=';
	const item = await outputOf({
		pages: [{ image: document }, { image: document, none: null, number: 1 }],
		last: document,
		'a b': document,
		'a.b': document,
		a_b: document,
		deep: { a: { b: { c: { d: { e: { f: { g: document } } } } } } },
		[`long${'x'.repeat(200)}`]: document,
	});
	expect(Object.keys(item?.binary ?? {})).toEqual([
		'last',
		'a_b',
		'a_b_2',
		'a_b_3',
		`long${'x'.repeat(96)}`,
		'pages_0_image',
		'pages_1_image',
		'a_b_c_d_e_f_g',
	]);
	expect(item?.binary?.last).toMatchObject({ fileName: 'last.txt', mimeType: 'text/plain' });
});

test.each(['run', 'output'])(
	'an output that is a document itself, with the output "%s"',
	async (output) => {
		const item = await outputOf('data:text/plain;base64,aGk=', { output });
		expect(Object.keys(item?.binary ?? {})).toEqual(['output']);
		expect(item?.json.output).toEqual({
			binaryField: 'output',
			fileName: 'output.txt',
			mimeType: 'text/plain',
			bytes: 2,
		});
	},
);

test('a media type that is longer than any is not taken for one', async () => {
	const text = `data:text/plain;x=${'y'.repeat(400)};base64,aGk=`;
	expect((await outputOf({ text }))?.json).toEqual({ text });
});

test('ten thousand documents: the first thousand become files, the rest stays', async () => {
	const document = 'data:text/plain;base64,aGk=';
	const item = await outputOf({ list: Array.from({ length: 10_000 }, () => document) });
	expect(Object.keys(item?.binary ?? {})).toHaveLength(1000);
	expect((item?.json.list as unknown[]).filter((value) => value === document)).toHaveLength(9000);
});

test('a result nested a thousand deep is handed on', async () => {
	let deep: unknown = 'data:text/plain;base64,aGk=';
	for (let depth = 0; depth < 1000; depth++) deep = { in: deep };
	const item = await outputOf({ deep });
	expect(Object.keys(item?.binary ?? {})).toHaveLength(1);
});

test('__proto__ in an output is a key like another', async () => {
	suite.sandbox.failOn('POST', {
		status: 200,
		body: '{"id":"run_1","status":"FINISHED","output":{"__proto__":{"polluted":true}}}',
		taken: true,
	});
	await suite.engine.run(echo({ ...WAIT }));
	expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

describe("a fault of n8n's own storage when a document is to become a file", () => {
	const service = Container.get(Service);
	const store = service.store.bind(service);
	beforeEach(() => {
		service.store = async () => await Promise.reject(new Error('ENOSPC: no space left on device'));
	});
	afterEach(() => {
		service.store = store;
	});

	test("names the run, so that it is not lost, and repeats the storage's words", async () => {
		const { error } = await suite.engine.run(report());
		const [runId] = suite.sandbox.runIds;
		expect(error?.message).toBe('The Dibby node stopped unexpectedly');
		expect(error?.description).toContain(
			'ENOSPC: no space left on device. If this happens again, report it and include this text.',
		);
		expect(error?.description).toContain(runId);
	});

	test("gives the run's ID with Continue On Fail too", async () => {
		const { items } = await suite.engine.run({ ...report(), onError: 'continueRegularOutput' });
		const [runId] = suite.sandbox.runIds;
		expect(items[0]?.json.error).toMatchObject({
			message: 'The Dibby node stopped unexpectedly',
			dibbyRunId: runId,
		});
	});
});
