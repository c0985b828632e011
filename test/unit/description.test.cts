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
	expect(documentationUrl).toMatch(/^https:.*#credential$/);
	expect(properties).toMatchObject([
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'The API token of your Dibby account. It gives full access to the account.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://dibby.ai/api',
			required: true,
			description:
				'Where the Dibby API is. Leave it as it is unless Dibby gave you another address.',
		},
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
