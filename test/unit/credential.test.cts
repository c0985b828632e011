import { DibbyApi } from '../../dist/credentials/DibbyApi.credentials.js';

// What a Base URL and a token may be is tested in credentialTest.test.cts and test/engine/messages.test.cts.
const { authenticate } = new DibbyApi() as unknown as {
	authenticate: (credentials: object, request: object) => Promise<{ headers: object }>;
};
const data = { token: ' secret ', baseUrl: 'https://dibby.ai/api' };
const OWN = { url: '/runs', baseURL: data.baseUrl };

test.each([' secret ', 'Bearer secret', '\nbearer  secret\n'])(
	'the token goes into the Authorization header, next to others, if it was entered as %j',
	async (token) => {
		const request = { ...OWN, headers: { Accept: 'x' } };
		const { headers } = await authenticate({ ...data, token }, request);
		expect(headers).toEqual({ Accept: 'x', Authorization: 'Bearer secret' });
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

const LOCAL = ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:4010/api`);
test.each([' https://dibby.ai/api\n', ...LOCAL])('accepts the Base URL %j', async (baseUrl) => {
	const request = { url: '/runs', baseURL: baseUrl.trim() };
	await expect(authenticate({ ...data, baseUrl }, request)).resolves.toBeDefined();
});

const WRONG = ['http://dibby.ai/api', 'https://dibby.ai/api?', ' https://dibby.ai/api?# '];
test.each([...WRONG, '', undefined])('rejects the Base URL %j', async (baseUrl) => {
	const request = authenticate({ ...data, baseUrl }, { url: '/runs' });
	await expect(request).rejects.toThrow(/^The 'Base URL' of/);
});
