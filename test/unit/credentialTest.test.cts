import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';

// It sets n8n-core up before that is loaded.
import '../support/n8n.cts';
import { CredentialTestContext } from 'n8n-core';

import { testDibbyApi } from '../../dist/nodes/Dibby/api/testCredential.js';
import { clock } from '../../dist/nodes/Dibby/clock.js';
import { startSandbox } from '../../sandbox/dibby.cts';
import { dibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLike } from '../support/dibbyLike.cts';

const TOKEN = 'tok-0f9a7c55-never-show-me';
const PATH = '/api/runs/n8n-credential-test';
const NO_RUN = '{"error":"There is no such run"}';

let server: DibbyLike;
let respond: (response: ServerResponse) => void;

beforeEach(async () => {
	server = await dibbyLike((_request, response) => respond(response));
});
afterEach(async () => await server.close());

/** Tests a credential as n8n's server does, or with another `request`. */
async function testCredential(
	data: { token?: unknown; baseUrl?: unknown } = {},
	request?: () => Promise<unknown>,
) {
	const context = request ? { helpers: { request } } : new CredentialTestContext({} as never);
	const credential = { id: '1', name: 'Dibby account', type: 'dibbyApi' };
	const given = { token: TOKEN, baseUrl: server.url, ...data };
	return await testDibbyApi.call(context as never, { ...credential, data: given as never });
}

const respondWith = (status: number, body = '', headers: Record<string, string> = {}) => {
	respond = (response) => void response.writeHead(status, headers).end(body);
};
const accepted = { status: 'OK', message: 'Dibby accepted the token' };
const rejected = (message: string) => ({ status: 'Error', message });
const CHECK_TOKEN = 'Copy the token from your Dibby account again.';
const CHECK_URL =
	"Check 'Base URL' (usually https://dibby.ai/api) and your n8n proxy settings, or test again later.";
const INSECURE = "The connection to Dibby isn't secure";
const NO_API = `The server at 'Base URL' isn't the Dibby API. ${CHECK_URL}`;

const LOST = rejected(`The connection to Dibby was lost. ${CHECK_URL}`);

test('a local Dibby accepts its token, and no other', async () => {
	const sandbox = await startSandbox({ token: TOKEN });
	const baseUrl = sandbox.url;
	expect(await testCredential({ baseUrl })).toEqual(accepted);
	expect(await testCredential({ baseUrl, token: 'wrong' })).toEqual(
		rejected(`Dibby rejected the token. ${CHECK_TOKEN}`),
	);
	expect(sandbox.requests.map(({ path }) => path)).toEqual([PATH, PATH]);
	expect(sandbox.runs.size).toBe(0);
	await sandbox.close();
});

test.each([`\t${TOKEN} `, `Bearer ${TOKEN}`])('the token %j is trimmed', async (token) => {
	respondWith(404, NO_RUN);
	expect(await testCredential({ token, baseUrl: ` ${server.url}// \n` })).toEqual(accepted);
	expect(server.seen).toMatchObject([{ path: PATH, authorization: `Bearer ${TOKEN}` }]);
});

test.each([200, 400, 404, 422])('accepts JSON with HTTP %d, as an API returns', async (status) => {
	respondWith(status, NO_RUN);
	expect(await testCredential()).toEqual(accepted);
});

test.each([
	[200, '<!DOCTYPE html><title>A shop</title>', NO_API],
	[404, '\n <html>Not found</html>', NO_API],
	[200, '', NO_API],
	[204, '', NO_API],
	[404, 'Not found', NO_API],
	[200, '[]', NO_API],
	[200, '"text"', NO_API],
	[403, NO_RUN, `Dibby denied access with this token. ${CHECK_TOKEN}`],
	[407, '<html>', `The proxy requires a login. ${CHECK_URL}`],
	[405, NO_RUN, `Dibby rejected the request (HTTP 405). ${CHECK_URL}`],
	[429, NO_RUN, `Dibby is receiving too many requests. ${CHECK_URL}`],
	[500, NO_RUN, `Dibby couldn't process the request (HTTP 500). ${CHECK_URL}`],
	[503, '<html>', `Dibby isn't available at the moment. ${CHECK_URL}`],
])('rejects HTTP %d with the body %j', async (status, body, message) => {
	respondWith(status, body);
	expect(await testCredential()).toEqual(rejected(message));
});

test.each([301, 302, 307, 308])("doesn't follow a redirect with HTTP %d", async (status) => {
	respondWith(status, '', { location: `${server.url}/elsewhere?${TOKEN}` });
	expect(await testCredential()).toEqual(
		rejected(`The 'Base URL' redirects to another URL. ${CHECK_URL}`),
	);
	expect(server.seen).toHaveLength(1);
});

test.each([401, 404, 500, 302])("doesn't show a token that comes with HTTP %d", async (status) => {
	respondWith(status, `no ${TOKEN} here`, { location: `/${TOKEN}`, 'x-token': TOKEN });
	expect(JSON.stringify(await testCredential())).not.toContain(TOKEN);
});

test('stops reading a response that never ends', async () => {
	let sent = 0;
	respond = (response) => {
		const more = () => {
			while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
			if (!response.destroyed) response.once('drain', more);
		};
		more();
	};
	expect(await testCredential()).toEqual(rejected(NO_API));
	expect(sent).toBeLessThan(50_000_000);
});

test('a response that is cut off', async () => {
	respond = (response) => {
		response.writeHead(404, { 'content-length': 100 }).write('{');
		setTimeout(() => response.destroy(), 20);
	};
	expect(await testCredential()).toEqual(LOST);
});

describe('no response in time', () => {
	const { watch } = clock;
	const waits: number[] = [];
	beforeEach(() => {
		clock.watch = async (milliseconds) => {
			waits.push(milliseconds);
			return await Promise.resolve();
		};
	});
	afterEach(() => {
		clock.watch = watch;
	});

	/** Tests a credential with this request, and lets 20 seconds pass. */
	async function testFor20Seconds(request: () => Promise<unknown>) {
		const result = await testCredential({}, request);
		expect(waits.splice(0)).toEqual([20_000]);
		return result;
	}
	const late = rejected(`Dibby didn't respond in time. ${CHECK_URL}`);

	test('a server that never responds', async () => {
		expect(await testFor20Seconds(() => new Promise(() => {}))).toEqual(late);
	});

	test('a response that never ends is destroyed', async () => {
		const body = new PassThrough();
		body.write('{');
		expect(await testFor20Seconds(async () => ({ statusCode: 404, body }))).toEqual(late);
		await new Promise((resolve) => setImmediate(resolve));
		expect(body.destroyed).toBe(true);
	});
});

test.each([
	['a refused connection', () => 'http://127.0.0.1:9/api', "Can't connect to Dibby"],
	['a server without https', () => server.url.replace('http', 'https'), INSECURE],
	['an unknown host', () => 'https://dibby.invalid/api', "n8n can't find the Dibby server"],
])('%s', async (_what, baseUrl, message) => {
	respondWith(200, NO_RUN);
	const expected = rejected(`${message}. ${CHECK_URL}`);
	expect(await testCredential({ baseUrl: baseUrl() })).toEqual(expected);
});

test.each([new Error(TOKEN), Object.assign(new Error('Failed'), { code: `E ${TOKEN}` })])(
	"doesn't show any of an unknown error: %#",
	async (error) => {
		expect(await testCredential({}, async () => await Promise.reject(error))).toEqual(LOST);
	},
);

test.each([
	[{ baseUrl: 'http://dibby.ai/api' }, /must begin with https/],
	[{ baseUrl: 'https://dibby.ai/api?' }, /can't contain "\?"/],
	[{ baseUrl: 'https://dibby.ai/api#' }, /can't contain "\?"/],
	[{ baseUrl: 'https://169.254.169.254/' }, /link-local/],
	[{ baseUrl: undefined }, /isn't a valid URL/],
	[{ token: ' ' }, /^'Token' is empty/],
	[{ token: undefined }, /^'Token' is empty/],
	[{ token: 'tok\nen' }, /^'Token' contains a character/],
	[{ token: 'tokén' }, /^'Token' contains a character/],
])('rejects %j before sending anything', async (data, message) => {
	respondWith(200, NO_RUN);
	const result = await testCredential(data);
	expect(result).toEqual(rejected(expect.stringMatching(message) as string));
	expect(server.seen).toHaveLength(0);
});
