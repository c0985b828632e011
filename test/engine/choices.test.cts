import type { IDataObject } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, fields, getRun, numbers, triggerRun, WAIT } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Expressions and agents give text where the editor gives a switch, a number or a choice.
const suite = useSuite();
const gets = () => suite.sandbox.requests.filter(({ method }) => method === 'GET');
const run = async (parameters: IDataObject, count = 1) =>
	await suite.engine.run(echo(parameters), { items: numbers(count) });

describe('Wait for Completion', () => {
	test.each(['={{ "true" }}', '={{ true }}', 'true'])('%s waits', async (waitForCompletion) => {
		await run({ waitForCompletion });
		const [id = ''] = suite.sandbox.runIds;
		expect(suite.sandbox.runs.get(id)).toMatchObject({ status: 'FINISHED' });
		const { items } = await suite.engine.run(getRun(id, { waitForCompletion }));
		// n8n shows no 'Output' beside the text 'true', and its default is the output of the workflow.
		const expected = waitForCompletion === 'true' ? { n: 0 } : { id, status: 'FINISHED' };
		expect(items[0]?.json).toMatchObject(expected);
	});

	test.each(['={{ "false" }}', '={{ false }}', 'false'])(
		'%s ignores hidden parameters',
		async (waitForCompletion) => {
			const { items } = await run({ waitForCompletion, output: '={{ "xyz" }}' });
			expect(items[0]?.json).toMatchObject({ status: 'PENDING' });
			expect(gets()).toHaveLength(0);
		},
	);
});

test("'Time Limit' as text is a number", async () => {
	suite.sandbox.failOn('GET', { kind: 'unknownStatus', status: 'RUNNING' });
	const { error } = await run({ ...WAIT, timeLimit: '={{ "5" }}' });
	expect(error?.message).toBe('The Dibby run is still in progress after 5 minutes');
});

test("'Check Every (Seconds)' as text is a number, and a choice of 'Output' may come from an expression", async () => {
	const options = { pollInterval: '={{ "2" }}' };
	const { items } = await run({ ...WAIT, output: '={{ "output" }}', options });
	expect(suite.clock.pauses).toEqual([2000, 2000]);
	expect(items[0]?.json).toEqual({ n: 0 });
});

test.each([
	['={{ "false" }}', 0],
	['false', 0],
	['={{ "true" }}', 2],
])("'Convert Documents to Files' as %s makes %d files", async (documentsAsFiles, count) => {
	const inputs = fields(
		{ name: 'title', type: 'string', value: 'Report' },
		{ name: 'rows', type: 'array', value: '[1]' },
	);
	const given = { ...inputs, ...WAIT, options: { documentsAsFiles } };
	const { items } = await suite.engine.run(triggerRun(WORKFLOWS.report.id, given));
	expect(Object.keys(items[0]?.binary ?? {})).toHaveLength(count);
	if (count === 0) expect(items[0]?.json.report).toMatch(/^data:application\/pdf;base64,/);
});

describe('what is refused before anything is sent', () => {
	const TIME_LIMIT = "'Time Limit' must be greater than 0 and at most 100 years";
	const boolean = (name: string) => `'${name}' must be true or false`;
	const unsupported = (name: string) => `'${name}' has an unsupported value: "xyz"`;
	const parameter = (name: string) => (value: unknown) => ({ [name]: value }) as IDataObject;
	const option = (name: string) => (value: unknown) => ({ options: parameter(name)(value) });
	const days = (timeLimitDays: unknown) =>
		({ timeLimitDays, whileWaiting: 'sleep' }) as IDataObject;
	const XYZ = '={{ "xyz" }}';
	const NO_BOOLEANS = ['={{ "yes" }}', '={{ 5 }}', '={{ ({ a: 1 }) }}', '={{ [true] }}'];
	const NO_LIMITS = [-1, '={{ "abc" }}', '={{ "0" }}', '={{ true }}', '={{ [5] }}', '={{ "" }}'];
	const NO_COUNTS = ['={{ "abc" }}', 0, -1, '={{ "0" }}', '={{ true }}'];
	const NO_SECONDS = ['={{ "abc" }}', -1, '={{ "-1" }}', '={{ true }}'];

	test.each<[string, unknown[], (value: unknown) => IDataObject]>([
		[boolean('Wait for Completion'), NO_BOOLEANS, parameter('waitForCompletion')],
		[boolean('Convert Documents to Files'), ['={{ "maybe" }}'], option('documentsAsFiles')],
		[TIME_LIMIT, NO_LIMITS, parameter('timeLimit')],
		[TIME_LIMIT, [0, -1, 'soon', 1e12], days],
		["'Max Parallel Requests' must be a whole number above 0", NO_COUNTS, option('requestsAtOnce')],
		["'Check Every (Seconds)' must be 0 or a positive number", NO_SECONDS, option('pollInterval')],
		[unsupported('Output'), [XYZ], parameter('output')],
		[unsupported('While Waiting'), ['xyz'], parameter('whileWaiting')],
		[unsupported('Specify Inputs'), ['xyz'], parameter('specifyInputs')],
		[unsupported('When the Run Fails'), [XYZ], option('whenRunFails')],
		[unsupported('When Time Runs Out'), [XYZ], option('whenTimeRunsOut')],
	])('%s: %j', async (message, values, parametersOf) => {
		for (const value of values) {
			const parameters = { ...WAIT, ...parametersOf(value) };
			const results = [await run(parameters)];
			// Get Run starts nothing, so it has no inputs.
			if (!message.includes('Specify Inputs')) {
				results.push(await suite.engine.run(getRun('run_1', parameters)));
			}
			for (const { error } of results) expect(error?.message).toBe(message);
		}
		expect(suite.sandbox.requests).toHaveLength(0);
	});
});
