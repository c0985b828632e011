import { DibbyApi } from '../../dist/credentials/DibbyApi.credentials.js';

const credential = new DibbyApi();
const authenticate = credential.authenticate as (
	credentials: object,
	request: object,
) => Promise<{ headers: Record<string, string> }>;
const data = { token: ' secret ', baseUrl: 'https://dibby.ai/api' };

test('the token goes into the Authorization header, beside the other headers', async () => {
	const { headers } = await authenticate(data, {
		url: '/runs',
		baseURL: data.baseUrl,
		headers: { Accept: 'x' },
	});
	expect(headers).toEqual({ Accept: 'x', Authorization: 'Bearer secret' });
});

test("n8n's HTTP Request node, which names the address `uri`, can use the credential for Dibby", async () => {
	const { headers } = await authenticate(data, { uri: 'https://dibby.ai/api/runs/run_1' });
	expect(headers).toEqual({ Authorization: 'Bearer secret' });
	await expect(authenticate(data, { uri: 'https://evil.example/' })).rejects.toThrow(
		/own Base URL/,
	);
});

test.each([
	['https://evil.example/runs', undefined],
	['/runs', 'https://dibby.ai.evil.example/api'],
	['http://dibby.ai/api/runs', undefined],
	['https://dibby.ai:444/api/runs', undefined],
	['', ''],
])('a request for %s below %s gets no token', async (url, baseURL) => {
	await expect(authenticate(data, { url, baseURL })).rejects.toThrow(
		'can only be used for its own Base URL',
	);
});

test.each(['http://dibby.ai/api', 'https://user@dibby.ai', 'file:///etc/passwd', '', undefined])(
	'the Base URL %j is refused with a sentence',
	async (baseUrl) => {
		await expect(authenticate({ ...data, baseUrl }, { url: '/runs' })).rejects.toThrow(
			/^The Base URL of/,
		);
	},
);

test.each(['http://localhost:4010/api', 'http://127.0.0.1:4010/api', 'http://[::1]:4010/api'])(
	'the local sandbox at %s may be plain http',
	async (baseUrl) => {
		await expect(
			authenticate({ ...data, baseUrl }, { url: '/runs', baseURL: baseUrl }),
		).resolves.toBeDefined();
	},
);

test('a rule exists for every status that the credential test treats as a failure, so that no status is unexplained', () => {
	const { except } = credential.test.request.ignoreHttpStatusErrors as { except: number[] };
	const explained = credential.test.rules?.map(
		({ properties }) => (properties as { value: number }).value,
	);
	expect(explained).toEqual(except);
	expect(except).toEqual(expect.arrayContaining([401, 403]));
	expect(except).not.toContain(404);
});
