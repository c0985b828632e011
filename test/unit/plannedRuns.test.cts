import type { IBinaryData } from 'n8n-workflow';

import { inputsOf } from '../../dist/nodes/Dibby/input/inputs.js';
import type { DocumentRow } from '../../dist/nodes/Dibby/input/documents.js';

const content = (text: string) => Buffer.from(text).toString('base64');
const file = (fileName: string, mimeType = 'application/pdf', text = fileName) =>
	({ data: content(text), mimeType, fileName }) as IBinaryData;

const binary: Record<string, IBinaryData> = {
	attachment_0: file('Invoice 1.PDF'),
	attachment_1: file('logo.png', 'image/png'),
	attachment_2: file('scan', 'application/pdf'),
	attachment_3: file('unnamed', 'application/octet-stream', '%PDF-1.7'),
	attachment_4: file('notes.txt', 'text/plain', ''),
};

async function plan(...rows: Array<Partial<DocumentRow>>) {
	const documents = rows.map((row) => ({
		inputName: 'doc',
		binaryField: 'attachment_*',
		sendAs: 'each' as const,
		...row,
	}));
	const values = { fields: [{ name: 'n', type: 'number', value: 1 }] };
	const item = { json: {}, binary, hasFilesInJson: false };
	return await inputsOf({} as never, item, { values, documents });
}

const fieldsOf = async (row: Partial<DocumentRow>) =>
	(await plan(row)).map(({ file: own }) => own?.field);

test('without a row for each file, there is one run', async () => {
	const runs = await plan({ sendAs: 'single', binaryField: 'attachment_0' });
	expect(runs).toHaveLength(1);
	expect(runs[0]?.file).toBeUndefined();
	expect(await plan()).toHaveLength(1);
});

test('each file gets its own run, and the other inputs are repeated', async () => {
	const runs = await plan(
		{ inputName: 'before', sendAs: 'single', binaryField: 'attachment_1' },
		{ fileNameFilter: '*.pdf' },
		{ inputName: 'after', sendAs: 'list', binaryField: 'attachment_0, attachment_1' },
	);
	expect(runs.map(({ inputs }) => inputs.map(({ name, kind }) => `${name} (${kind})`))).toEqual(
		Array(3).fill([
			'n (number)',
			'before (document)',
			'doc (document)',
			'after (list of documents)',
		]),
	);
	const documents = runs.map(({ inputs }) => inputs[2]?.value);
	expect(documents).toEqual(
		['Invoice 1.PDF', 'scan', '%PDF-1.7'].map((text) => ({
			document: {
				mediaType: 'application/pdf',
				bytes: text.length,
				content: { base64: content(text) },
			},
		})),
	);
	expect(runs.map(({ file: own }) => own?.field)).toEqual([
		'attachment_0',
		'attachment_2',
		'attachment_3',
	]);
	expect(runs[1]?.file?.file).toBe(binary.attachment_2);
});

test.each([
	['*.pdf', [0, 2, 3]],
	[' *.PDF , *.Png', [0, 1, 2, 3]],
	['invoice*', [0]],
	['*.jpg', []],
	['scan', [2]],
	[
		['*.png', 'scan'],
		[1, 2],
	],
])('the filter %j lets through %j', async (fileNameFilter, numbers) => {
	expect(await fieldsOf({ fileNameFilter })).toEqual(
		numbers.map((number) => `attachment_${number}`),
	);
});

test.each(['', ' , ', undefined, null])(
	'the filter %j lets all through',
	async (fileNameFilter) => {
		const binaryField = 'attachment_0, attachment_1, attachment_2, attachment_3';
		expect(await fieldsOf({ fileNameFilter, binaryField })).toHaveLength(4);
	},
);

test('an ending that belongs to the media type matches', async () => {
	const item = { json: {}, binary: { a: file('photo', 'image/jpg') }, hasFilesInJson: false };
	for (const fileNameFilter of ['*.jpg', '*.jpeg']) {
		const row = { inputName: 'x', binaryField: 'a', sendAs: 'each' as const, fileNameFilter };
		expect(await inputsOf({} as never, item, { values: 'item', documents: [row] })).toHaveLength(1);
	}
});

test('no file, no run', async () => {
	expect(await plan({ fileNameFilter: '*.docx' })).toEqual([]);
	expect(await plan({ binaryField: 'nothing_*' })).toEqual([]);
	expect(await plan({ binaryField: 'nothing' })).toEqual([]);
	for (const binaryField of [[], '', 5]) expect(await plan({ binaryField })).toEqual([]);
});

test.each([
	[[{}, { inputName: 'b' }], "Only one row under 'Documents' can start one run per document"],
	[[{ binaryField: 'attachment_4' }], 'The file in "attachment_4" for the input "doc" is empty'],
	[[{ fileNameFilter: '*.pdf', inputName: 'n' }], 'The input "n" is set twice'],
	[
		[{ sendAs: 'list' as const, fileNameFilter: '*.docx' }],
		`No file for the input "doc" matches 'File Name Filter'`,
	],
])('rows that make no sense: %j', async (rows, message) => {
	await expect(plan(...rows)).rejects.toThrow(message);
});

test('a list is filtered, a single document is not', async () => {
	const [list] = await plan({ sendAs: 'list', fileNameFilter: '*.png' });
	expect(list?.inputs[1]?.value).toMatchObject({ documents: [{ mediaType: 'image/png' }] });
	const one = { sendAs: 'single' as const, binaryField: 'attachment_0', fileNameFilter: '*.png' };
	expect(await plan(one)).toHaveLength(1);
});
