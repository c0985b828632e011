import type { IDataObject } from 'n8n-workflow';

import { echo, inMemoryFile, WAIT } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();
const DOCUMENT = 'data:text/plain;base64,aGk=';
const pdf = (name: string) => inMemoryFile(name, 'application/pdf', name);
const SOURCE = {
	json: { subject: 'Invoice', total: 1, dibbyRunId: 'run_0' },
	binary: { invoice: pdf('invoice.pdf'), report: pdf('old.pdf') },
};

/** Gives what comes out for an item whose run has this output. */
async function run(
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

test('JSON is kept next to the result, which wins when names clash', async () => {
	const { json, binary } = await run('json', { total: 2 });
	expect(json).toEqual({ subject: 'Invoice', total: 2 });
	expect(binary).toBeUndefined();
});

test("files are kept next to the result's files, which win when names clash", async () => {
	const { json, binary } = await run('binary', { report: DOCUMENT });
	const reference = { fileName: 'report.txt', mimeType: 'text/plain' };
	expect(json).toEqual({ report: { binaryField: 'report', bytes: 2, ...reference } });
	expect(binary).toMatchObject({ invoice: SOURCE.binary.invoice, report: reference });
});

test('both are kept, also next to a full run', async () => {
	const { json, binary } = await run('both', { total: 2 }, { output: 'run' });
	expect(json).toMatchObject({ subject: 'Invoice', total: 1, output: { total: 2 } });
	expect(binary).toEqual(SOURCE.binary);
});

test('the incoming item stays as it is, even if it has no files', async () => {
	const source = { json: { a: { page: DOCUMENT } } };
	const { json, binary } = await run('both', { b: DOCUMENT }, {}, source);
	expect(json?.a).toEqual({ page: DOCUMENT });
	expect(source).toEqual({ json: { a: { page: DOCUMENT } } });
	expect(Object.keys(binary ?? {})).toEqual(['b']);
});

const FILES = { _files: { invoice: pdf('invoice.pdf') } };
test.each<[string, IDataObject]>([
	['json', { subject: 'Invoice' }],
	['binary', FILES],
	['both', { subject: 'Invoice', ...FILES }],
])('%s is kept in the combined binary mode, where files are in the JSON', async (keep, kept) => {
	const source = { json: { subject: 'Invoice', ...FILES } };
	const { json, binary } = await run(keep, { total: 2 }, {}, source);
	expect(json).toEqual({ ...kept, total: 2 });
	expect(binary).toBeUndefined();
});
