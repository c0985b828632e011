import { DibbyApi } from '../../dist/credentials/DibbyApi.credentials.js';

const credential = new DibbyApi();
const authenticate = credential.authenticate as (
	credentials: object,
	request: object,
) => Promise<{ headers: Record<string, string> }>;
const data = { token: ' secret ', baseUrl: 'https://dibby.ai/api' };

test('the token goes into the Authorization header, next to the other headers', async () => {
	const { headers } = await authenticate(data, {
		url: '/runs',
		baseURL: data.baseUrl,
		headers: { Accept: 'x' },
	});
	expect(headers).toEqual({ Accept: 'x', Authorization: 'Bearer secret' });
});

test.each([' secret ', 'Bearer secret', '\nbearer  secret\n'])(
	'the token is sent the same when it was entered as %j',
	async (token) => {
		const { headers } = await authenticate(
			{ ...data, token },
			{ url: '/runs', baseURL: data.baseUrl },
		);
		expect(headers).toEqual({ Authorization: 'Bearer secret' });
	},
);

test("n8n's HTTP Request node, which names the URL `uri`, can use the credential for Dibby", async () => {
	const { headers } = await authenticate(data, { uri: 'https://dibby.ai/api/runs/run_1' });
	expect(headers).toEqual({ Authorization: 'Bearer secret' });
	await expect(authenticate(data, { uri: 'https://evil.example/' })).rejects.toThrow(
		/own 'Base URL'/,
	);
});

test.each([
	['https://evil.example/runs', undefined],
	['/runs', 'https://dibby.ai.evil.example/api'],
	['http://dibby.ai/api/runs', undefined],
	['https://dibby.ai:444/api/runs', undefined],
	['', ''],
])('a request for %s with the base URL %s gets no token', async (url, baseURL) => {
	await expect(authenticate(data, { url, baseURL })).rejects.toThrow(
		'only works for requests to its own',
	);
});

test.each([
	'http://dibby.ai/api',
	'https://user@dibby.ai',
	'file:///etc/passwd',
	'https://dibby.ai/api?',
	'https://dibby.ai/api#',
	' https://dibby.ai/api?# ',
	'',
	undefined,
])('the Base URL %j is rejected with a message', async (baseUrl) => {
	await expect(authenticate({ ...data, baseUrl }, { url: '/runs' })).rejects.toThrow(
		/^The 'Base URL' of/,
	);
});

test("white space around the Base URL doesn't matter", async () => {
	const request = { url: '/runs', baseURL: data.baseUrl };
	const padded = { ...data, baseUrl: ' https://dibby.ai/api\n' };
	await expect(authenticate(padded, request)).resolves.toMatchObject({
		headers: { Authorization: 'Bearer secret' },
	});
});

test.each(['http://localhost:4010/api', 'http://127.0.0.1:4010/api', 'http://[::1]:4010/api'])(
	'the local sandbox at %s may be plain http',
	async (baseUrl) => {
		await expect(
			authenticate({ ...data, baseUrl }, { url: '/runs', baseURL: baseUrl }),
		).resolves.toBeDefined();
	},
);
