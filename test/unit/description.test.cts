import { runInNewContext } from 'node:vm';

import { loadPackage } from '../support/dibbyPackage.cts';
import type { LoadedPackage } from '../support/dibbyPackage.cts';

// What n8n reads of the package. Stored workflows and credentials depend on the names: they must not change.
let loaded: LoadedPackage;
beforeAll(async () => {
	loaded = await loadPackage();
});
const named = (name: string) =>
	loaded.node.description.properties.find((parameter) => parameter.name === name);
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const ICONS = { light: matching(/dibby\.svg$/), dark: matching(/dibby\.dark\.svg$/) };

test('the node is found in the panel, drawn, connected, and offered to agents', () => {
	expect(loaded.node.description).toMatchObject({
		displayName: 'Dibby',
		name: 'dibby',
		description: matching(/invoices.*classify.*validated/),
		group: ['transform'],
		version: 1,
		defaults: { name: 'Dibby' },
		usableAsTool: true,
		inputs: ['main'],
		outputs: ['main'],
		iconUrl: ICONS,
		requestDefaults: { baseURL: 'https://dibby.ai/api' },
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
	expect(loaded.credential).toMatchObject({
		displayName: 'Dibby API',
		documentationUrl: matching(/^https:.*#credentials$/),
		iconUrl: ICONS,
	});
	const token = { displayName: 'Token', name: 'token', type: 'string', required: true };
	expect(loaded.credential.properties).toMatchObject([
		{ ...token, typeOptions: { password: true } },
		{ displayName: 'Base URL', name: 'baseUrl', default: 'https://dibby.ai/api', required: true },
	]);
});

test('the credential is tested by a function of the node, since a rule can not look at an answer', () => {
	const { description, methods } = loaded.node;
	expect(loaded.credential.test).toBeUndefined();
	const testedBy = 'testDibbyApi';
	expect(description.credentials).toEqual([{ name: 'dibbyApi', required: true, testedBy }]);
	expect(methods?.credentialTest).toEqual({ [testedBy]: expect.any(Function) as unknown });
});

test('n8n finds the operations for node executions under the hidden resource, each with its request', () => {
	const resource = named('resource');
	expect(resource).toMatchObject({ type: 'hidden', default: 'run' });
	// Without options, n8n's nodes panel doesn't show the node's actions.
	expect(resource?.options).toEqual([{ name: 'Run', value: 'run' }]);
	expect(named('operation')?.options).toMatchObject([
		{ value: 'triggerRun', routing: { request: { method: 'POST', url: '/runs' } } },
		{ value: 'getRun', routing: { request: { method: 'GET', url: matching(/\/runs\//) } } },
	]);
	const { run = {} } = loaded.node.customOperations ?? {};
	expect(Object.keys(run)).toEqual(['triggerRun', 'getRun']);
});
