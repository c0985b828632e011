import { runInNewContext } from 'node:vm';

import { loadPackage } from '../support/dibbyPackage.cts';
import type { LoadedPackage } from '../support/dibbyPackage.cts';

// What n8n reads of the package. Stored workflows and credentials depend on the names: they must not change.
let loaded: LoadedPackage;
beforeAll(async () => {
	loaded = await loadPackage();
});

test('the node is found in the panel, drawn, connected, and offered to agents', () => {
	const { description } = loaded.node;
	expect(description).toMatchObject({
		displayName: 'Dibby',
		name: 'dibby',
		group: ['transform'],
		version: 1,
		defaults: { name: 'Dibby' },
		usableAsTool: true,
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'dibbyApi', required: true }],
	});
	expect(description.description).toMatch(/invoices.*classify.*validated/);
	expect(description.iconUrl).toEqual({
		light: expect.stringMatching(/dibby\.svg$/) as string,
		dark: expect.stringMatching(/dibby\.dark\.svg$/) as string,
	});
});

test.each([
	['triggerRun', 'Trigger Run'],
	['getRun', 'Get Run'],
	['cancelAllRuns', 'Cancel All Runs'],
])('under its name on the canvas, the operation %s reads "%s"', (operation, shown) => {
	const { subtitle = '' } = loaded.node.description;
	const expression = /^=\{\{(.*)\}\}$/.exec(subtitle)?.[1] ?? '';
	expect(runInNewContext(expression, { $parameter: { operation } })).toBe(shown);
});

test('the credential asks for a token, which is hidden, and for where Dibby is', () => {
	const { displayName, documentationUrl, properties, iconUrl } = loaded.credential;
	expect(displayName).toBe('Dibby API');
	expect(documentationUrl).toMatch(/^https:.*#credentials$/);
	expect(properties).toMatchObject([
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			required: true,
		},
		{ displayName: 'Base URL', name: 'baseUrl', default: 'https://dibby.ai/api', required: true },
	]);
	expect(iconUrl).toEqual({
		light: expect.stringMatching(/dibby\.svg$/) as string,
		dark: expect.stringMatching(/dibby\.dark\.svg$/) as string,
	});
});

test('the credential is tested by a function of the node, since a rule can not look at an answer', () => {
	const { description, methods } = loaded.node;
	expect(loaded.credential.test).toBeUndefined();
	expect(description.credentials).toEqual([
		{ name: 'dibbyApi', required: true, testedBy: 'testDibbyApi' },
	]);
	expect(methods?.credentialTest).toEqual({ testDibbyApi: expect.any(Function) as unknown });
});

describe('the panel of a new node', () => {
	const shown = () => loaded.node.description.properties;
	const named = (name: string) => shown().find((parameter) => parameter.name === name);

	test('asks for the workflow, the documents, then the inputs', () => {
		const names = shown().map(({ name }) => name);
		const order = ['workflow', 'documents', 'specifyInputs', 'fields', 'waitForCompletion'];
		expect(names.filter((name) => order.includes(name))).toEqual(order);
	});

	test('waits for the run, and then gives the output of the workflow', () => {
		expect(named('waitForCompletion')?.default).toBe(true);
		expect(named('output')).toMatchObject({
			default: 'output',
			displayOptions: { show: { waitForCompletion: [true] } },
		});
	});

	test("names the ways to enter the workflow as n8n's editor does, whatever the node calls them", () => {
		const labels = named('workflow')?.modes?.map(({ name, displayName }) => [name, displayName]);
		expect(labels).toEqual([
			['url', 'By URL'],
			['id', 'By ID'],
		]);
	});

	test('begins JSON with an example', () => {
		expect(JSON.parse(named('jsonInputs')?.default as string)).toEqual({
			my_input_1: 'value',
			my_input_2: 1,
		});
	});
});

test('n8n finds an operation for node executions under the hidden resource', () => {
	const { customOperations = {}, description } = loaded.node;
	const named = (name: string) => description.properties.find((one) => one.name === name);
	const resource = named('resource');
	expect(resource).toMatchObject({ type: 'hidden', default: 'run' });
	// Without options, n8n's nodes panel doesn't show the node's actions.
	expect(resource?.options).toEqual([{ name: 'Run', value: 'run' }]);
	const operations = named('operation')?.options?.map((one) => 'value' in one && one.value);
	expect(operations).toEqual(['triggerRun', 'getRun']);
	expect(Object.keys(customOperations.run ?? {})).toEqual(operations);
});

test('each operation declares its request', () => {
	const operation = loaded.node.description.properties.find(({ name }) => name === 'operation');
	const requests = operation?.options?.map((one) => 'routing' in one && one.routing?.request);
	expect(requests).toEqual([
		{ method: 'POST', url: '/runs' },
		{ method: 'GET', url: expect.stringContaining('/runs/') as string },
	]);
	expect(loaded.node.description.requestDefaults?.baseURL).toBe('https://dibby.ai/api');
});
