import { DibbyApi } from '../../dist/credentials/DibbyApi.credentials.js';

// What a Base URL and a token may be is tested in credentialTest.test.cts and test/engine/messages.test.cts.
const { authenticate } = new DibbyApi() as unknown as {
	authenticate: (credentials: object, request: object) => Promise<{ headers: object }>;
};
const data = { token: ' secret ', baseUrl: 'https://dibby.ai/api' };
const OWN = { url: '/runs', baseURL: data.baseUrl };

test('the token goes into the Authorization header, next to the other headers', async () => {
	const { headers } = await authenticate(data, { ...OWN, headers: { Accept: 'x' } });
	expect(headers).toEqual({ Accept: 'x', Authorization: 'Bearer secret' });
});

test.each([' secret ', 'Bearer secret', '\nbearer  secret\n'])(
	'the token is sent the same when it was entered as %j',
	async (token) => {
		const { headers } = await authenticate({ ...data, token }, OWN);
		expect(headers).toEqual({ Authorization: 'Bearer secret' });
	},
);

test("n8n's HTTP Request node, which names the URL `uri`, can use the credential for Dibby", async () => {
	const { headers } = await authenticate(data, { uri: 'https://dibby.ai/api/runs/run_1' });
	expect(headers).toEqual({ Authorization: 'Bearer secret' });
});

test.each([
	{ uri: 'https://evil.example/' },
	{ url: 'https://evil.example/runs' },
	{ url: '/runs', baseURL: 'https://dibby.ai.evil.example/api' },
	{ url: 'http://dibby.ai/api/runs' },
	{ url: 'https://dibby.ai:444/api/runs' },
	{ url: '', baseURL: '' },
])('the request %j gets no token', async (request) => {
	await expect(authenticate(data, request)).rejects.toThrow('only works for requests to its own');
});

test.each([
	' https://dibby.ai/api\n',
	'http://localhost:4010/api',
	'http://127.0.0.1:4010/api',
	'http://[::1]:4010/api',
])('the Base URL %j is accepted: plain http is for the local sandbox', async (baseUrl) => {
	const request = { url: '/runs', baseURL: baseUrl.trim() };
	await expect(authenticate({ ...data, baseUrl }, request)).resolves.toBeDefined();
});

test.each([
	'http://dibby.ai/api',
	'https://dibby.ai/api?',
	' https://dibby.ai/api?# ',
	'',
	undefined,
])('the Base URL %j is rejected with a message', async (baseUrl) => {
	const request = authenticate({ ...data, baseUrl }, { url: '/runs' });
	await expect(request).rejects.toThrow(/^The 'Base URL' of/);
});
