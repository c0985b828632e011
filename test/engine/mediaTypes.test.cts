import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IExecuteFunctions, INodeType } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { BinaryMode } from '../support/n8n.cts';
import { document, fields, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const DIGEST = { waitForCompletion: true, output: 'output' };
const MODES: BinaryMode[] = ['default', 'filesystem'];
const DATA = Buffer.from('a scan').toString('base64');

/** What a file says of itself, and the media type that Dibby must be told. */
const FILES: Array<[mimeType: string | undefined, fileName: string | undefined, sent: string]> = [
	[undefined, 'a.pdf', 'application/pdf'],
	[undefined, 'Scan 01.PDF', 'application/pdf'],
	[undefined, 'photo.JPG', 'image/jpeg'],
	[undefined, 'table.csv', 'text/csv'],
	[undefined, 'thing.unknown', 'application/octet-stream'],
	[undefined, 'no ending', 'application/octet-stream'],
	[undefined, undefined, 'application/octet-stream'],
	['', 'a.pdf', 'application/pdf'],
	['application/octet-stream', 'a.pdf', 'application/pdf'],
	['Application/Octet-Stream', 'a.pdf', 'application/pdf'],
	['binary/octet-stream', 'a.pdf', 'application/pdf'],
	['binary/octet-stream', undefined, 'application/octet-stream'],
	['application/x-download', 'a.PDF', 'application/pdf'],
	['application/x-download', 'thing.unknown', 'application/octet-stream'],
	['APPLICATION/PDF', 'a.txt', 'application/pdf'],
	['Image/PNG', undefined, 'image/png'],
	['application/pdf; charset=binary', 'a', 'application/pdf'],
	['TEXT/PLAIN;charset=UTF-8', undefined, 'text/plain'],
];

/** Makes an item's file as a Code node does: no more than the keys that it was given. */
const bare = (mimeType: string | undefined, fileName: string | undefined) => ({
	data: DATA,
	...(mimeType === undefined ? {} : { mimeType }),
	...(fileName === undefined ? {} : { fileName }),
});

/** Takes the media type, and perhaps the name, from a file in n8n's storage, as a careless node does. */
const strip: INodeType = {
	description: {
		displayName: 'Strip',
		name: 'strip',
		group: [],
		version: 1,
		description: 'Strip',
		defaults: { name: 'Strip' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [{ displayName: 'File', name: 'file', type: 'json', default: '{}' }],
	},
	async execute(this: IExecuteFunctions) {
		const [item] = this.getInputData();
		const { id } = item?.binary?.data ?? {};
		const said = this.getNodeParameter('file', 0) as object;
		const stored = { id, data: 'filesystem-v2', ...said };
		return await Promise.resolve([[{ json: {}, binary: { data: stored as never } }]]);
	},
};

describe.each(MODES)('a file in the item, with n8n in the binary mode "%s"', (binaryMode) => {
	const suite = useSuite({}, { binaryMode });

	test.each(FILES)('of the type %j with the name %j is sent as %s', async (type, name, sent) => {
		const { items, error } = await suite.engine.run(
			triggerRun(WORKFLOWS.digest.id, { ...DIGEST, ...document('document') }),
			{ items: [{ json: {}, binary: { data: bare(type, name) as never } }] },
		);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ mediaType: sent, bytes: 6 });
	});
});

describe("a file in n8n's storage", () => {
	const suite = useSuite({}, { more: { strip } });
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'dibby-types-'));
		writeFileSync(join(folder, 'scan'), 'a scan');
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	test.each(FILES)('of the type %j with the name %j is sent as %s', async (type, name, sent) => {
		const { items, error } = await suite.engine.run([
			{ type: 'readFile', parameters: { fileSelector: join(folder, 'scan') } },
			{ type: 'strip', parameters: { file: { mimeType: type, fileName: name } as never } },
			triggerRun(WORKFLOWS.digest.id, { ...DIGEST, ...document('document') }),
		]);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ mediaType: sent, bytes: 6 });
	});
});

describe('a file without a type', () => {
	const suite = useSuite();
	const item = { json: {}, binary: { data: bare(undefined, 'a.pdf') as never } };

	test.each([
		['Binary Data in Inputs', fields({ name: 'document', type: 'binary', value: 'data' })],
		['a pattern', document('document', 'da*')],
		['all files', document('document', '*')],
	])('is found by %s', async (_way, parameters) => {
		const step = triggerRun(WORKFLOWS.digest.id, { ...DIGEST, ...parameters });
		const { items, error } = await suite.engine.run(step, { items: [item] });
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ mediaType: 'application/pdf' });
	});

	test('is found in the combined binary mode', async () => {
		const step = triggerRun(WORKFLOWS.digest.id, { ...DIGEST, ...document('document') });
		const { items, error } = await suite.engine.run(step, {
			items: [{ json: { _files: { data: bare(undefined, 'a.pdf') } } }],
			settings: { binaryMode: 'combined' },
		});
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ mediaType: 'application/pdf' });
	});

	test('is named in an error with the type that is sent', async () => {
		suite.sandbox.failOn('POST', { status: 422, body: '' });
		const step = triggerRun(WORKFLOWS.digest.id, { ...DIGEST, ...document('document') });
		const { error } = await suite.engine.run(step, { items: [item] });
		expect(error?.description).toContain('document (document: application/pdf, 6 bytes)');
	});
});
