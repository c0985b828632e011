import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';

import { runItem } from '../../dist/nodes/Dibby/output/itemResult.js';
import type { Source } from '../../dist/nodes/Dibby/types.js';

const DOCUMENT = 'data:text/plain;base64,aGk=';
const file = (name: string) => ({ data: '', mimeType: 'text/plain', fileName: name });

async function itemOf(
	output: unknown,
	keep: Source['keep'],
	item: { json: IDataObject; binary?: IBinaryKeyData },
	{ outputOnly = true, binaryMode = 'separate' } = {},
) {
	let count = 0;
	const prepareBinaryData = async (_content: Buffer, fileName: string) =>
		await Promise.resolve({ ...file(fileName), id: `filesystem:${count++}` });
	const n8n = { helpers: { prepareBinaryData }, getWorkflowSettings: () => ({ binaryMode }) };
	const run = { id: 'run_1', status: 'FINISHED', output };
	const completion = { outputOnly, documentsAsFiles: true };
	return await runItem(n8n as never, run, 3, completion as never, undefined, { item, keep });
}

const source = {
	json: { subject: 'Invoice', total: 1, dibbyRunId: 'run_0' },
	binary: { invoice: file('invoice.pdf'), report: file('old.pdf') },
};

test('JSON is kept next to the result, which wins when names clash', async () => {
	const { json, binary, pairedItem } = await itemOf({ total: 2 }, 'json', source);
	expect(json).toEqual({ dibbyRunId: 'run_1', subject: 'Invoice', total: 2 });
	expect(Object.keys(json)[0]).toBe('dibbyRunId');
	expect(binary).toBeUndefined();
	expect(pairedItem).toEqual({ item: 3 });
});

test("files are kept next to the result's files, which win when names clash", async () => {
	const { json, binary } = await itemOf({ report: DOCUMENT }, 'binary', source);
	expect(json).toEqual({
		dibbyRunId: 'run_1',
		report: { binaryField: 'report', fileName: 'report.txt', mimeType: 'text/plain', bytes: 2 },
	});
	expect(binary).toEqual({
		invoice: source.binary.invoice,
		report: { ...file('report.txt'), id: 'filesystem:0' },
	});
});

test('both are kept, also next to a full run', async () => {
	const { json, binary } = await itemOf({ total: 2 }, 'both', source, { outputOnly: false });
	expect(json).toEqual({
		dibbyRunId: 'run_1',
		subject: 'Invoice',
		total: 1,
		id: 'run_1',
		status: 'FINISHED',
		output: { total: 2 },
	});
	expect(binary).toEqual(source.binary);
});

test('the incoming item stays as it is, even if it has no files', async () => {
	const item = { json: { a: { page: DOCUMENT } } };
	const { json, binary } = await itemOf({ b: DOCUMENT }, 'both', item);
	expect(json.a).toEqual({ page: DOCUMENT });
	expect(item).toEqual({ json: { a: { page: DOCUMENT } } });
	expect(Object.keys(binary ?? {})).toEqual(['b']);
});

describe('in the combined binary mode, where files are in the JSON', () => {
	const combined = { json: { subject: 'Invoice', _files: { invoice: file('invoice.pdf') } } };
	const files = combined.json._files;

	test.each<[Source['keep'], IDataObject]>([
		['json', { subject: 'Invoice' }],
		['binary', { _files: files }],
		['both', { subject: 'Invoice', _files: files }],
	])('%s is kept', async (keep, kept) => {
		const { json, binary } = await itemOf({ total: 2 }, keep, combined, { binaryMode: 'combined' });
		expect(json).toEqual({ dibbyRunId: 'run_1', ...kept, total: 2 });
		expect(binary).toBeUndefined();
	});

	test('in the other mode, such a field is like any other', async () => {
		const { json } = await itemOf({ total: 2 }, 'json', combined);
		expect(json).toEqual({ dibbyRunId: 'run_1', ...combined.json, total: 2 });
	});
});
