import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { echo, getRun, inMemoryFile } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();
const WAIT = { waitForCompletion: true, output: 'output' };
const CONTINUE = { onError: 'continueRegularOutput' as const };

const row = (more: object = {}) => ({
	rows: [{ inputName: 'document', binaryField: 'attachment_*', sendAs: 'each', ...more }],
});
const step = (parameters: IDataObject = {}, node: object = {}) =>
	echo({ ...WAIT, specifyInputs: 'fields', documents: row() as IDataObject, ...parameters }, node);
const fileOf = (name: string) =>
	inMemoryFile(name, name.endsWith('.png') ? 'image/png' : 'application/pdf', name);
const email = (subject: string, ...names: string[]): INodeExecutionData => ({
	json: { subject },
	binary: Object.fromEntries(names.map((name, n) => [`attachment_${n}`, fileOf(name)])),
});
const EMAILS = [email('a', 'a1.pdf', 'a2.pdf'), email('b'), email('c', 'c1.pdf', 'logo.png')];
const runs = () => [...suite.sandbox.runs.values()];
const hintsOf = (run: { data: { resultData: { runData: Record<string, unknown> } } }) =>
	JSON.stringify(run.data.resultData.runData.Dibby);

test('each matching file gets its own run and its own item, paired to the item it came from', async () => {
	const subject = { id: '0', name: 'subject', type: 'string', value: '={{ $json.subject }}' };
	const { items, run } = await suite.engine.run(
		step({
			documents: row({ fileNameFilter: '*.pdf' }) as IDataObject,
			fields: { assignments: [subject] },
		}),
		{ items: EMAILS },
	);
	expect(items.map(({ json }) => json.subject)).toEqual(['a', 'a', 'c']);
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
		{ item: 0 },
		{ item: 0 },
		{ item: 2 },
	]);
	expect(runs()).toHaveLength(3);
	expect(hintsOf(run)).toContain('1 item had no matching file');
});

test('Keep Source keeps the file of the run only', async () => {
	const { items } = await suite.engine.run(
		step({ options: { keepSource: 'both', documentsAsFiles: false } }),
		{ items: [email('a', 'a1.pdf', 'a2.pdf')] },
	);
	expect(items.map(({ json }) => json.subject)).toEqual(['a', 'a']);
	expect(items.map(({ binary }) => Object.keys(binary ?? {}))).toEqual([
		['attachment_0'],
		['attachment_1'],
	]);
});

test('an error names the item and the file', async () => {
	suite.sandbox.failOn('POST', { status: 422 }, 2);
	const { error } = await suite.engine.run(step({ options: { requestsAtOnce: 1 } }), {
		items: EMAILS,
	});
	expect(error?.message).toBe('Dibby rejected the inputs [item 0, attachment_1]');
	expect(error?.description).toContain(suite.sandbox.runIds[0]);
});

test('Retry On Fail starts no file twice', async () => {
	suite.sandbox.failOn('POST', { status: 422 }, 2);
	const { items, error } = await suite.engine.run(
		step(
			{ options: { requestsAtOnce: 1 } },
			{ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
		),
		{ items: [email('a', 'a1.pdf', 'a2.pdf', 'a3.pdf')] },
	);
	expect(error).toBeUndefined();
	expect(items).toHaveLength(3);
	expect(runs()).toHaveLength(3);
});

test('with On Error: Continue, only the first output item can make n8n try again', async () => {
	suite.sandbox.failOn('GET', { kind: 'runWith', fields: { status: 'FAILED' } });
	const { items } = await suite.engine.run(
		step({}, { ...CONTINUE, retryOnFail: true, maxTries: 3, waitBetweenTries: 1 }),
		{ items: [email('a', 'a1.pdf', 'a2.pdf')] },
	);
	expect(items).toHaveLength(2);
	// Three attempts for the first item, one for the second.
	expect(runs()).toHaveLength(4);
});

test('two rows with one run per document are an error', async () => {
	const { rows } = row();
	const { error } = await suite.engine.run(
		step({ documents: { rows: [...rows, { ...rows[0], inputName: 'other' }] } as IDataObject }),
		{ items: EMAILS },
	);
	expect(error?.description).toContain('Nothing was sent to Dibby.');
	expect(suite.sandbox.requests).toHaveLength(0);
});

test('Trigger Run without waiting, then Get Run, works without typing the ID', async () => {
	const { items, run } = await suite.engine.run(
		[step({ waitForCompletion: false }), { ...getRun('', WAIT), name: 'Get Run' }].map(
			(one, index) =>
				index === 0 ? one : { ...one, parameters: { ...WAIT, operation: 'getRun' } },
		),
		{ items: [email('a', 'a1.pdf')] },
	);
	expect(items[0]?.json.document).toBeDefined();
	expect(runs()).toHaveLength(1);
	expect(hintsOf(run)).toContain('The run continues in Dibby');
});
