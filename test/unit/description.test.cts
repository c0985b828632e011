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
	['triggerRun', 'trigger run'],
	['getRun', 'get run'],
	['cancelAllRuns', 'cancel all runs'],
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

test('the credential test asks at the Base URL, follows no redirect, and explains each refusal', () => {
	const { request, rules } = loaded.credential.test ?? { request: {} };
	expect(request).toMatchObject({
		baseURL: '={{$credentials.baseUrl}}',
		url: '/runs/n8n-credential-test',
		disableFollowRedirect: true,
		ignoreHttpStatusErrors: { ignore: true },
	});
	const redirects = 'The Base URL redirects to another address. Enter the address it redirects to.';
	const trouble = (status: number) =>
		`Dibby has a problem at the moment (HTTP ${status}). Test again later.`;
	const sentences: Array<[number, string]> = [
		[401, 'Dibby did not accept this token. Copy it again from your Dibby account.'],
		[403, 'Dibby knows this token but does not allow it. Check the account it belongs to.'],
		...[301, 302, 303, 307, 308].map((status): [number, string] => [status, redirects]),
		[429, 'Dibby is receiving too many requests. Test again in a minute.'],
		...[500, 502, 503, 504].map((status): [number, string] => [status, trouble(status)]),
	];
	expect(rules).toEqual(
		sentences.map(([value, message]) => ({
			type: 'responseCode',
			properties: { value, message },
		})),
	);
});
