import type { Step } from '../support/engine.cts';
import { document, echo, fields, getRun, inMemoryFile } from '../support/jobs.cts';
import { textOf } from '../support/messages.cts';
import { useSuite } from '../support/suite.cts';

// The errors about what the user entered. The others are in messages.test.cts.
const suite = useSuite();
const PDF = inMemoryFile('a scan', 'application/pdf');

const start = (parameters: object = {}) => echo({ documents: {}, ...parameters });
const waits = (parameters: object = {}) => start({ waitForCompletion: true, ...parameters });
const json = (jsonInputs: string) => start({ specifyInputs: 'json', jsonInputs });
const row = (type: string, value: unknown, name = 'x') =>
	start(fields({ name, type: type as 'string', value }));
const file = (binaryField: unknown = 'data', sendAs = 'single') =>
	start(document('x', binaryField, sendAs));
const page = (value: string) => start({ workflow: { __rl: true, mode: 'url', value } });

const rowOf = (inputName: string, sendAs: string) => ({ inputName, binaryField: 'data', sendAs });

async function show(step: Step, binary: object = { data: PDF }, json = {}): Promise<void> {
	const items = [{ json, binary: binary as never }];
	const result = await suite.engine.run(step, { items });
	expect(textOf(result, [])).toMatchSnapshot();
	expect(suite.sandbox.requests).toEqual([]);
}

describe('what is entered', () => {
	const PARAMETERS: Record<string, Step> = {
		'an operation that does not exist': start({ operation: 'cancelRun' }),
		'a toggle': start({ options: { documentsAsFiles: '={{ "yes" }}' } }),
		'a choice': waits({ options: { whenRunFails: '={{ "ignore" }}' } }),
		'Time Limit (Minutes)': waits({ timeLimit: 0 }),
		'Check Every (Seconds)': waits({ options: { pollInterval: -1 } }),
		'Max Parallel Requests': start({ options: { requestsAtOnce: 0 } }),
		'Fields of Selected Fields': waits({ output: 'fields', outputFields: '={{ " , " }}' }),
		Proxy: start({ requestOptions: { proxy: 'nowhere' } }),
		'no Run ID': getRun('={{ undefined }}'),
		'a Run ID that is not one': getRun('..'),
		'no Workflow': page('={{ 5 }}'),
		'an application as Workflow': page(
			'={{ "https://dibby.ai/application/11111111-1111-4111-8111-111111111111" }}',
		),
		'a Workflow that is not one': page('={{ "my workflow" }}'),
		'invalid JSON': json('{a}'),
		'JSON that is a list': json('=[1]'),
		'a text as Number': row('number', 'abc'),
		'no value as Number': row('number', '={{ null }}'),
		'too many digits': row('number', '12345678901234567890'),
		'a text as Object': row('object', '{a: 1}'),
		'an unknown type': row('dateTime', 'x'),
		'a value that JSON does not have': row('object', '={{ ({ total: NaN }) }}'),
		'an invalid date': row('object', '={{ ({ day: new Date(NaN) }) }}'),
		'Inputs of another shape': start({ specifyInputs: 'fields', fields: { values: [] } }),
		'a row of Inputs without a name': row('string', 'x', ''),
		'a name twice': start({
			...fields({ name: 'x', type: 'string', value: 'y' }),
			...document('x'),
		}),
		'a row of Documents without a name': start(document('')),
		'two rows with one run per document': start({
			documents: { rows: ['x', 'y'].map((name) => rowOf(name, 'each')) },
		}),
		'a filter that no file matches': start({
			documents: { rows: [{ ...rowOf('x', 'list'), fileNameFilter: '*.png' }] },
		}),
		'no binary field': file(' , '),
		'a binary field that is not there': file('scan'),
		'a value that is not a file': file('={{ 5 }}'),
	};
	test.each(Object.entries(PARAMETERS))('%s', async (_name, step) => {
		await show(step);
	});

	test('no Run ID, after the error of another Dibby node', async () => {
		const error = { dibbyRunId: null, message: 'What happened', description: 'What to do.' };
		await show(getRun('={{ $json.error.dibbyRunId }}'), undefined, { error });
	});

	const mimeType = 'text/plain';
	const FILES: Record<string, Record<string, object>> = {
		'an item without files': {},
		'an empty file': { data: inMemoryFile('', mimeType) },
		'a file whose content was not copied': { data: { data: 'database', mimeType } },
		'a damaged file': { data: { data: 'aGVsbG8h*', mimeType } },
		'a file that is gone': { data: { data: 'x', id: 'filesystem-v2:gone', mimeType } },
		'several files for one document': { data: PDF, data2: { ...PDF } },
	};
	test.each(Object.entries(FILES))('%s', async (_name, binary) => {
		await show(file('data2' in binary ? 'data*' : 'data'), binary);
	});
});
