import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import type { JobResult } from '../support/engine.cts';
import { echo, getRun, inMemoryFile, sha256, WAIT } from '../support/jobs.cts';
import { storage, storeFile } from '../support/n8n.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();
const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const ONE_BY_ONE = { options: { requestsAtOnce: 1 } };
/** Shows which file each item's run was for. */
const KEEP = { options: { keepSource: 'binary', documentsAsFiles: false } };

const ROW = { inputName: 'document', binaryField: 'attachment_*', sendAs: 'each' };
const row = (more: object = {}) => ({ ...ROW, ...more });
const step = (rows: object[] = [row()], parameters: IDataObject = {}, node: object = {}) =>
	echo({ ...WAIT, specifyInputs: 'fields', documents: { rows } as never, ...parameters }, node);
const fileOf = (name: string) =>
	inMemoryFile(name, name.endsWith('.png') ? 'image/png' : 'application/pdf', name);
const email = (subject: string, ...names: string[]): INodeExecutionData => ({
	json: { subject },
	binary: Object.fromEntries(names.map((name, n) => [`attachment_${n}`, fileOf(name)])),
});
const EMAILS = [email('a', 'a1.pdf', 'a2.pdf'), email('b'), email('c', 'c1.pdf', 'logo.png')];
const hintsOf = ({ run }: JobResult) => JSON.stringify(run.data.resultData.runData.Dibby);
const fieldsOf = ({ items }: JobResult) =>
	items.flatMap(({ binary = {} }) => Object.keys(binary).join());

test('each matching file gets its own run and its own item, paired to the item it came from', async () => {
	const subject = { id: '0', name: 'subject', type: 'string', value: '={{ $json.subject }}' };
	const first = row({ inputName: 'first', sendAs: 'single', binaryField: 'attachment_0' });
	const result = await suite.engine.run(
		step([row({ fileNameFilter: '*.pdf' })], { fields: { assignments: [subject] } }),
		{ items: EMAILS },
	);
	const { items } = result;
	expect(items.map(({ json }) => json.subject)).toEqual(['a', 'a', 'c']);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 2].map((item) => ({ item })));
	expect(suite.sandbox.runs.size).toBe(3);
	expect(hintsOf(result)).toContain('1 item had no matching file');
	// The other inputs are repeated, in their order.
	const both = await suite.engine.run(step([first, row()]), { items: EMAILS.slice(0, 1) });
	expect(both.items.map(({ json }) => Object.keys(json))).toEqual(
		Array(2).fill(['first', 'document']),
	);
	const [one, two] = suite.sandbox.runIds.slice(3).map((id) => suite.sandbox.runs.get(id)?.inputs);
	expect(two?.first).toEqual(one?.first);
	expect(one?.document).toEqual(one?.first);
	expect(two?.document).not.toEqual(one?.document);
});

describe("'File Name Filter'", () => {
	const binary = {
		attachment_0: fileOf('Invoice 1.PDF'),
		attachment_1: fileOf('logo.png'),
		attachment_2: fileOf('scan'),
		// Only the content tells that it is a PDF.
		attachment_3: inMemoryFile('%PDF-1.7', 'application/octet-stream', 'unnamed'),
		attachment_4: inMemoryFile('photo', 'image/jpg', 'photo'),
		attachment_5: inMemoryFile('text', 'a/b', 'Re\u0301sume\u0301'),
	};
	const run = async (...rows: object[]) =>
		await suite.engine.run(step(rows, KEEP), { items: [{ json: {}, binary }] });

	test.each([
		['*.pdf', [0, 2, 3]],
		[' *.PDF , *.Png', [0, 1, 2, 3]],
		['invoice*', [0]],
		['scan', [2]],
		['*.jpg', [4]],
		['*.jpeg', [4]],
		['*.docx', []],
		// The file's name has the accent as a character of its own.
		['résumé', [5]],
		["={{ ['*.png', 'scan'] }}", [1, 2]],
		['', [0, 1, 2, 3, 4, 5]],
		[' , ', [0, 1, 2, 3, 4, 5]],
		['={{ null }}', [0, 1, 2, 3, 4, 5]],
	])('%j lets through %j', async (fileNameFilter, numbers) => {
		const result = await run(row({ fileNameFilter }));
		expect(result.error).toBeUndefined();
		expect(fieldsOf(result)).toEqual(numbers.map((number) => `attachment_${number}`));
	});

	test('leaves out a damaged file', async () => {
		const damaged = { mimeType: 'image/png', fileName: 'logo.png', data: '!' };
		const files = { ...binary, attachment_1: damaged };
		const job = { items: [{ json: {}, binary: files }] };
		const only = await suite.engine.run(step([row({ fileNameFilter: 'scan' })], KEEP), job);
		expect(fieldsOf(only)).toEqual(['attachment_2']);
		expect((await suite.engine.run(step([row()], KEEP), job)).error?.message).toContain('damaged');
	});

	test('applies to a list, but not to a single document', async () => {
		const list = row({ sendAs: 'list', fileNameFilter: '*.png' });
		const { items } = await run(list);
		expect(items[0]?.json.document).toMatchObject([{ mediaType: 'image/png' }]);
		const single = { sendAs: 'single', binaryField: 'attachment_0', fileNameFilter: '*.png' };
		expect((await run(row(single))).items).toHaveLength(1);
	});

	test.each(['nothing_*', 'nothing', '', '={{ [] }}', '={{ null }}'])(
		'%j starts no run',
		async (binaryField) => {
			const { items, error } = await run(row({ binaryField }));
			expect(error).toBeUndefined();
			expect(items).toEqual([]);
			expect(suite.sandbox.requests).toHaveLength(0);
		},
	);
});

test('Keep Source keeps the file of the run only', async () => {
	const options = { keepSource: 'both', documentsAsFiles: false };
	const result = await suite.engine.run(step([row()], { options }), { items: EMAILS.slice(0, 1) });
	expect(result.items.map(({ json }) => json.subject)).toEqual(['a', 'a']);
	expect(fieldsOf(result)).toEqual(['attachment_0', 'attachment_1']);
});

test('so it does in the combined binary mode, where files are in the JSON', async () => {
	const files = { attachment_0: fileOf('a1.pdf'), attachment_1: fileOf('a2.pdf') };
	const { items } = await suite.engine.run(step([row()], KEEP), {
		items: [{ json: { _files: files } }],
		settings: { binaryMode: 'combined' },
	});
	const kept = items.map(({ json }) => Object.keys(json._files as object));
	expect(kept).toEqual([['attachment_0'], ['attachment_1']]);
});

test('an error names the item and the file', async () => {
	suite.sandbox.failOn('POST', { status: 422 }, 2);
	const { error } = await suite.engine.run(step([row()], ONE_BY_ONE), { items: EMAILS });
	expect(error?.message).toBe('Dibby rejected the inputs [item 0, attachment_1]');
	expect(error?.description).toContain(suite.sandbox.runIds[0]);
});

test('Retry On Fail starts no file twice', async () => {
	suite.sandbox.failOn('POST', { status: 422 }, 2);
	const items = [email('a', 'a1.pdf', 'a2.pdf', 'a3.pdf')];
	const result = await suite.engine.run(step([row()], ONE_BY_ONE, RETRY), { items });
	expect(result.error).toBeUndefined();
	expect(result.items).toHaveLength(3);
	expect(suite.sandbox.runs.size).toBe(3);
});

describe('with Retry On Fail and On Error: Continue', () => {
	const CONTINUE = { ...RETRY, maxTries: 2, onError: 'continueRegularOutput' as const };
	const errorsOf = ({ items }: JobResult) => items.map(({ json }) => json.error as IDataObject);

	test("a rejected file doesn't get another file's run", async () => {
		const rejection = { status: 422 };
		suite.sandbox.setFaults([
			{ on: 'POST', nth: 1, fault: rejection },
			{ on: 'POST', nth: 3, fault: rejection },
		]);
		const items = [email('a', 'a1.pdf', 'a2.pdf')];
		const result = await suite.engine.run(step([row()], ONE_BY_ONE, CONTINUE), { items });
		expect(suite.sandbox.runs.size).toBe(1);
		expect(errorsOf(result)[0]?.dibbyRunId).toBeNull();
	});

	test.each<[string, Fault, string]>([
		['was rejected, and then two were started', { status: 422 }, 'item 0 (attachment_2): run_'],
		[
			'may have been started',
			{ kind: 'resetAfterTaken' },
			'may also have been started for item 0 (',
		],
	])('if files are gone after one %s, the error tells of all', async (_what, fault, words) => {
		suite.sandbox.failOn('POST', fault, 1);
		const names = ['attachment_0', 'attachment_1', 'attachment_2'];
		const stored = names.map(async (name) => [name, await storeFile(name)] as const);
		const items = [{ json: {}, binary: Object.fromEntries(await Promise.all(stored)) }];
		const getMetadata = storage.getMetadata.bind(storage);
		let asked = 0;
		storage.getMetadata = async (id) => {
			if (++asked > names.length) throw new Error('S3 is out of reach');
			return await getMetadata(id);
		};
		const result = await suite.engine.run(step([row()], ONE_BY_ONE, CONTINUE), { items });
		Reflect.deleteProperty(storage, 'getMetadata');
		const [error] = errorsOf(result);
		expect(error?.description).toContain(words);
		expect(error?.description).toContain(suite.sandbox.runIds[1]);
		expect(error?.runMayHaveStarted ?? false).toBe('kind' in fault);
	});
});

test('a file that a node copied to another field is sent once', async () => {
	const file = await storeFile('one');
	const items = [{ json: {}, binary: { attachment_0: file, attachment_1: { ...file } } }];
	expect((await suite.engine.run(step(), { items })).items).toHaveLength(1);
	expect(suite.sandbox.runs.size).toBe(1);
	const renamed = { attachment_0: file, attachment_1: { ...file, fileName: 'invoice.xml' } };
	const filtered = [row({ fileNameFilter: '*.xml' })];
	const job = { items: [{ json: {}, binary: renamed }] };
	expect((await suite.engine.run(step(filtered), job)).items).toHaveLength(1);
});

test.each(['={{ 5 }}', '={{ ({}) }}', '={{ $binary.attachment_0 }}'])(
	'the value %s is no file',
	async (binaryField) => {
		const { error } = await suite.engine.run(step([row({ binaryField })]), { items: EMAILS });
		expect(error?.message).toContain("isn't a file");
	},
);

describe('files from an expression, which may have the same name', () => {
	const uriOf = (text: string) => `data:a/b;base64,${Buffer.from(text).toString('base64')}`;
	let items: INodeExecutionData[];
	beforeEach(async () => {
		const [a, b] = [await storeFile('one', 'scan'), await storeFile('two', 'scan')];
		items = [{ json: { docs: ['one', 'two'].map(uriOf) }, binary: { a, b } }];
	});
	const BATCHING = { requestOptions: { batching: { batch: { batchSize: 1, batchInterval: 1 } } } };

	describe.each(['={{ $json.docs }}', '={{ Object.values($binary) }}'])('%s', (binaryField) => {
		const start = async (parameters: object = {}, node: object = {}, job: object = {}) =>
			await suite.engine.run(step([row({ binaryField })], { ...KEEP, ...parameters }, node), {
				items,
				...job,
			});
		const sent = ({ items: out }: JobResult) =>
			out.map(({ json }) => (json.document as IDataObject).sha256);
		const BOTH = ['one', 'two'].map(sha256);

		test('each gets one run, with Batching, Retry On Fail, and Retry of an execution', async () => {
			expect(sent(await start(BATCHING))).toEqual(BOTH);
			suite.sandbox.failOn('GET', { status: 401 }, 1);
			expect(sent(await start({}, RETRY))).toEqual(BOTH);
			suite.sandbox.failOn('POST', { status: 422 }, 2);
			const oneByOne = { options: { ...KEEP.options, requestsAtOnce: 1 } };
			expect(sent(await start(oneByOne, RETRY))).toEqual(BOTH);
			suite.sandbox.failOn('GET', { status: 401 }, 1);
			const first = await start({}, {}, { executionId: '1' });
			const contextData = first.run.data.executionData?.contextData;
			expect(sent(await start({}, {}, { executionId: '2', contextData }))).toEqual(BOTH);
			expect(suite.sandbox.runs.size).toBe(8);
		});

		test('Keep Source keeps a usable file with a name of its own', async () => {
			const kept = (await start()).items.flatMap(({ binary: files = {} }) => Object.values(files));
			const [one] = Object.values(items[0]?.binary ?? {});
			const uri = { data: Buffer.from('one').toString('base64'), mimeType: 'a/b' };
			expect(kept).toMatchObject([binaryField.includes('docs') ? uri : { id: one?.id }, {}]);
			const names = fieldsOf(await start());
			expect(names[1]).toBe(`${names[0]} 2`);
		});
	});
});

test('if one file is rejected, the error also tells of another one with an unknown outcome', async () => {
	suite.sandbox.setFaults([
		{ on: 'POST', nth: 1, fault: { status: 422 } },
		{ on: 'POST', nth: 2, fault: { kind: 'resetAfterTaken' } },
	]);
	const { error } = await suite.engine.run(step(), { items: EMAILS.slice(0, 1) });
	expect(error?.description).toContain('may also have been started for item 0 (attachment_1).');
});

test('an error names the only item with a file', async () => {
	suite.sandbox.failOn('POST', { status: 422 });
	const { error } = await suite.engine.run(step(), { items: [email('a'), email('b', 'b.pdf')] });
	expect(error?.message).toContain('[item 1, attachment_0]');
});

test('with On Error: Continue, only the first output item can make n8n try again', async () => {
	suite.sandbox.failOn('GET', { kind: 'runWith', fields: { status: 'FAILED' } });
	const node = { ...RETRY, onError: 'continueRegularOutput' as const };
	const { items } = await suite.engine.run(step([row()], {}, node), { items: EMAILS.slice(0, 1) });
	expect(items).toHaveLength(2);
	// Three attempts for the first item, one for the second.
	expect(suite.sandbox.runs.size).toBe(4);
});

test('Trigger Run without waiting, then Get Run, works without typing the ID', async () => {
	const get = getRun('', WAIT, { name: 'Get Run', parameters: { ...WAIT, operation: 'getRun' } });
	const start = step([row()], { waitForCompletion: false });
	const result = await suite.engine.run([start, get], { items: [email('a', 'a1.pdf')] });
	expect(result.items[0]?.json.document).toBeDefined();
	expect(suite.sandbox.runs.size).toBe(1);
	expect(hintsOf(result)).toContain('The run continues in Dibby');
});
