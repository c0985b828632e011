import type { IDataObject } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, getRun, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Expressions and agents give text where the editor gives a switch, a number or a choice.
const suite = useSuite();
const gets = () => suite.sandbox.requests.filter(({ method }) => method === 'GET');
const WAIT = { specifyInputs: 'item', waitForCompletion: true };

async function run(parameters: IDataObject, count = 1) {
	return await suite.engine.run(echo({ ...parameters }), {
		items: Array.from({ length: count }, (_value, n) => ({ json: { n } })),
	});
}

/** Runs a job that must be refused before anything is sent, and gives the message. */
async function refusalOf(parameters: IDataObject): Promise<string | undefined> {
	const { error } = await run(parameters);
	expect(suite.sandbox.requests.map(({ method }) => method)).toEqual([]);
	return error?.message;
}

describe('Wait for Completion', () => {
	test.each(['={{ "true" }}', '={{ true }}', 'true'])('%s waits', async (waitForCompletion) => {
		await run({ waitForCompletion });
		expect([...suite.sandbox.runs.values()]).toMatchObject([{ status: 'FINISHED' }]);
	});

	test.each(['={{ "false" }}', '={{ false }}', 'false'])(
		'%s does not wait',
		async (waitForCompletion) => {
			const { items } = await run({ waitForCompletion });
			expect(items[0]?.json).toMatchObject({ status: 'PENDING' });
			expect(gets()).toHaveLength(0);
		},
	);

	test('as text is understood by Get Run too', async () => {
		const { items } = await run({});
		const id = items[0]?.json.id as string;
		const waited = await suite.engine.run(getRun(id, { waitForCompletion: '={{ "true" }}' }));
		expect(waited.items[0]?.json).toMatchObject({ id, status: 'FINISHED' });
	});

	test.each(['={{ "yes" }}', '={{ 5 }}', '={{ ({ a: 1 }) }}', '={{ [true] }}'])(
		'%s is refused, and nothing is sent',
		async (waitForCompletion) => {
			expect(await refusalOf({ waitForCompletion })).toBe(
				"'Wait for Completion' must be true or false",
			);
		},
	);

	test('that is refused sends nothing for Get Run either', async () => {
		const { error } = await suite.engine.run(
			getRun('run_1', { waitForCompletion: '={{ "yes" }}' }),
		);
		expect(error?.message).toBe("'Wait for Completion' must be true or false");
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});

describe('Time Limit', () => {
	test('as text is a number', async () => {
		suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
		const { error } = await run({ ...WAIT, timeLimit: '={{ "5" }}' });
		expect(error?.message).toBe('The Dibby run is still in progress after 5 minutes');
	});

	test.each([-1, '={{ "abc" }}', '={{ "0" }}', '={{ true }}', '={{ [5] }}', '={{ "" }}'])(
		'%s is refused, and nothing is sent',
		async (timeLimit) => {
			expect(await refusalOf({ ...WAIT, timeLimit })).toBe(
				"'Time Limit' must be greater than 0 and at most 100 years",
			);
		},
	);
});

describe('a choice that the node does not have', () => {
	test.each([
		['Output', { output: '={{ "xyz" }}' }],
		['While Waiting', { whileWaiting: 'xyz' }],
		['Specify Inputs', { specifyInputs: 'xyz' }],
		['When the Run Fails', { options: { whenRunFails: '={{ "xyz" }}' } }],
		['When Time Runs Out', { options: { whenTimeRunsOut: '={{ "xyz" }}' } }],
	])('of %s is refused, and nothing is sent', async (name, parameters) => {
		expect(await refusalOf({ ...WAIT, ...parameters })).toBe(
			`'${name}' has an unsupported value: "xyz"`,
		);
	});

	test('of Output does not matter where it is hidden, when nothing is waited for', async () => {
		const { items, error } = await run({ output: '={{ "xyz" }}' });
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ status: 'PENDING' });
	});

	test('of Output is refused by Get Run', async () => {
		const { error } = await suite.engine.run(
			getRun('run_1', { waitForCompletion: true, output: '={{ "xyz" }}' }),
		);
		expect(error?.message).toBe(`'Output' has an unsupported value: "xyz"`);
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('that it has may come from an expression', async () => {
		const { items } = await run({ ...WAIT, output: '={{ "output" }}' });
		expect(items[0]?.json).toEqual({ n: 0 });
	});
});

describe('Convert Documents to Files', () => {
	const report = (documentsAsFiles: unknown) =>
		triggerRun(WORKFLOWS.report.id, {
			...fields(
				{ name: 'title', type: 'string', value: 'Report' },
				{ name: 'rows', type: 'array', value: '[1]' },
			),
			waitForCompletion: true,
			output: 'output',
			options: { documentsAsFiles } as IDataObject,
		});

	test.each(['={{ "false" }}', 'false'])('%s leaves documents in the JSON', async (off) => {
		const { items } = await suite.engine.run(report(off));
		expect(items[0]?.json.report).toMatch(/^data:application\/pdf;base64,/);
		expect(items[0]?.binary).toBeUndefined();
	});

	test('as the text "true" makes files', async () => {
		const { items } = await suite.engine.run(report('={{ "true" }}'));
		expect(Object.keys(items[0]?.binary ?? {})).toHaveLength(2);
	});

	test('is refused as another text, and nothing is sent', async () => {
		const { error } = await suite.engine.run(report('={{ "maybe" }}'));
		expect(error?.message).toBe("'Convert Documents to Files' must be true or false");
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});

describe('Max Parallel Requests', () => {
	test('as text is a number', async () => {
		suite.sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 1 });
		await run({ options: { requestsAtOnce: '={{ "2" }}' } }, 6);
		expect(suite.sandbox.runs.size).toBe(6);
		expect(suite.sandbox.maxInFlight).toBe(2);
	});

	test.each(['={{ "abc" }}', 0, -1, '={{ "0" }}', '={{ true }}'])(
		'%s is refused, and nothing is sent',
		async (requestsAtOnce) => {
			expect(await refusalOf({ options: { requestsAtOnce } })).toBe(
				"'Max Parallel Requests' must be a whole number above 0",
			);
		},
	);
});

describe('Check Every (Seconds)', () => {
	test('as text is a number of seconds', async () => {
		await run({ ...WAIT, options: { pollInterval: '={{ "2" }}' } });
		expect(suite.clock.pauses).toEqual([2000, 2000]);
	});

	test.each(['={{ "abc" }}', -1, '={{ "-1" }}', '={{ true }}'])(
		'%s is refused, and nothing is sent',
		async (pollInterval) => {
			expect(await refusalOf({ ...WAIT, options: { pollInterval } })).toBe(
				"'Check Every (Seconds)' must be 0 or a positive number",
			);
		},
	);
});
