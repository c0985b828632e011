import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';

// It sets n8n-core up before that is loaded.
import '../support/n8n.cts';
import { CredentialTestContext } from 'n8n-core';

import { testDibbyApi } from '../../dist/credentials/testDibbyApi.js';
import { describeFailure } from '../../dist/credentials/testResult.js';
import { startSandbox } from '../../sandbox/dibby.cts';
import { dibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLike } from '../support/dibbyLike.cts';

const TOKEN = 'tok-0f9a7c55-never-show-me';
const NO_RUN = '{"error":"There is no such run"}';

let server: DibbyLike;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
	server = await dibbyLike((_request, response) => answer(response));
});
afterEach(async () => await server.close());

/** Tests a credential as n8n's server does. */
async function testCredential(data: { token?: unknown; baseUrl?: unknown } = {}) {
	const context = new CredentialTestContext({} as never);
	const credential = { id: '1', name: 'Dibby account', type: 'dibbyApi' };
	const given = { token: TOKEN, baseUrl: server.url, ...data };
	return await testDibbyApi.call(context, { ...credential, data: given as never });
}

const answerWith = (status: number, body = '', headers: Record<string, string> = {}) => {
	answer = (response) => void response.writeHead(status, headers).end(body);
};
const accepted = { status: 'OK', message: 'Dibby accepted the token' };
const refused = (message: string) => ({ status: 'Error', message });

describe('a local Dibby', () => {
	test('accepts its token, and no other', async () => {
		const sandbox = await startSandbox({ token: TOKEN });
		try {
			expect(await testCredential({ baseUrl: sandbox.url })).toEqual(accepted);
			expect(await testCredential({ baseUrl: sandbox.url, token: 'wrong' })).toEqual(
				refused('Dibby did not accept this token. Copy it again from your Dibby account.'),
			);
			expect(sandbox.requests.map(({ path }) => path)).toEqual([
				'/api/runs/n8n-credential-test',
				'/api/runs/n8n-credential-test',
			]);
			expect(sandbox.runs.size).toBe(0);
		} finally {
			await sandbox.close();
		}
	});
});

test('white space around the token and the Base URL, and a slash at its end, do not matter', async () => {
	answerWith(404, NO_RUN);
	const baseUrl = ` ${server.url}/ \n`;
	expect(await testCredential({ token: `\t${TOKEN} `, baseUrl })).toEqual(accepted);
	expect(server.seen[0]?.path).toBe('/api/runs/n8n-credential-test');
	expect(server.seen[0]?.authorization).toBe(`Bearer ${TOKEN}`);
});

test('the word "Bearer" in front of the token does not matter either', async () => {
	answerWith(404, NO_RUN);
	expect(await testCredential({ token: `Bearer ${TOKEN}` })).toEqual(accepted);
	expect(server.seen[0]?.authorization).toBe(`Bearer ${TOKEN}`);
});

test.each([200, 400, 404, 422])('JSON with HTTP %d is what an API answers', async (status) => {
	answerWith(status, NO_RUN);
	expect(await testCredential()).toEqual(accepted);
});

const NORMALLY = 'It normally is https://dibby.ai/api';
const PAGE = `The Base URL answers with a web page, not with the API. ${NORMALLY}`;
const NO_JSON = `The Base URL answers with something that is not JSON, so it is not that of the API. ${NORMALLY}`;

test.each([
	[200, '<!DOCTYPE html><title>A shop</title>', PAGE],
	[404, '\n <html>Not found</html>', PAGE],
	[200, '', NO_JSON],
	[204, '', NO_JSON],
	[404, 'Not found', NO_JSON],
	[200, '[]', NO_JSON],
	[200, '"text"', NO_JSON],
	[403, NO_RUN, 'Dibby knows this token but does not allow it. Check the account it belongs to.'],
	[
		407,
		'<html>',
		'The proxy of your n8n asks for a login. Enter its user name and password where the proxy is set up.',
	],
	[405, NO_RUN, `The Base URL refuses the request (HTTP 405). ${NORMALLY}`],
	[429, NO_RUN, 'Dibby is receiving too many requests. Test again in a minute.'],
	[500, NO_RUN, 'Dibby could not process the request at the moment (HTTP 500). Test again later.'],
	[
		503,
		'<html>',
		'Dibby could not process the request at the moment (HTTP 503). Test again later.',
	],
])('HTTP %d with the body %j does not pass', async (status, body, message) => {
	answerWith(status, body);
	expect(await testCredential()).toEqual(refused(message));
});

test.each([301, 302, 307, 308])(
	'a redirect with HTTP %d is not followed, so that the token goes nowhere else',
	async (status) => {
		answerWith(status, '', { location: `${server.url}/elsewhere?${TOKEN}` });
		expect(await testCredential()).toEqual(
			refused('The Base URL redirects to another address. It normally is https://dibby.ai/api'),
		);
		expect(server.seen).toHaveLength(1);
	},
);

test.each([401, 404, 500, 302])(
	'a server that repeats the token with HTTP %d does not get it shown',
	async (status) => {
		answerWith(status, `no ${TOKEN} here`, { location: `/${TOKEN}`, 'x-token': TOKEN });
		expect(JSON.stringify(await testCredential())).not.toContain(TOKEN);
	},
);

test('an answer that never ends is not read to its end', async () => {
	let sent = 0;
	answer = (response) => {
		const more = () => {
			while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
			if (!response.destroyed) response.once('drain', more);
		};
		more();
	};
	expect(await testCredential()).toEqual(refused(NO_JSON));
	expect(sent).toBeLessThan(50_000_000);
});

test('an answer that breaks off', async () => {
	answer = (response) => {
		response.writeHead(404, { 'content-length': 100 }).write('{');
		setTimeout(() => response.destroy(), 20);
	};
	expect(await testCredential()).toEqual(
		refused('The connection to Dibby broke off. Test again later.'),
	);
});

describe('no answer in time', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	/** Tests a credential with a request that ends as is said, and lets 20 seconds pass. */
	async function testFor20Seconds(request: () => Promise<unknown>) {
		const data = { token: TOKEN, baseUrl: 'https://dibby.ai/api' };
		const credential = { id: '1', name: 'Dibby account', type: 'dibbyApi', data };
		const result = testDibbyApi.call({ helpers: { request } } as never, credential);
		await jest.advanceTimersByTimeAsync(20_000);
		return await result;
	}
	const late = refused(
		'Dibby did not answer in time. Check the Base URL and the proxy of your n8n, or test again later.',
	);

	test('a server that never answers', async () => {
		expect(await testFor20Seconds(() => new Promise(() => {}))).toEqual(late);
	});

	test('an answer that never ends is let go of', async () => {
		const body = new PassThrough();
		body.write('{');
		expect(await testFor20Seconds(async () => ({ statusCode: 404, body }))).toEqual(late);
		await jest.advanceTimersByTimeAsync(1);
		expect(body.destroyed).toBe(true);
	});
});

test('a refused connection', async () => {
	expect(await testCredential({ baseUrl: 'http://127.0.0.1:9/api' })).toEqual(
		refused(
			'Dibby can not be reached: no connection could be made. Check the Base URL, and the proxy and the firewall of your n8n.',
		),
	);
});

test('a server without https', async () => {
	answerWith(200, NO_RUN);
	expect(await testCredential({ baseUrl: server.url.replace('http', 'https') })).toEqual(
		refused(
			'The server at the Base URL does not answer with https. Check the address and its port.',
		),
	);
});

test.each([
	['ENOTFOUND', /^The address in Base URL is not known/],
	['EAI_AGAIN', /^The address in Base URL is not known/],
	['ETIMEDOUT', /^Dibby did not answer in time/],
	['ECONNABORTED', /^Dibby did not answer in time/],
	['DEPTH_ZERO_SELF_SIGNED_CERT', /the certificate was not accepted/],
	['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /the certificate was not accepted/],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /the certificate was not accepted/],
	['ERR_TLS_CERT_ALTNAME_INVALID', /the certificate was not accepted/],
	['ECONNRESET', /broke off/],
	['EXOTIC', /^The request to Dibby could not be made \(EXOTIC\)\. Check the Base URL/],
])('the code %s is put into words', (code, sentence) => {
	const cause = Object.assign(new Error(TOKEN), { code });
	expect(describeFailure(cause)).toMatch(sentence);
	expect(describeFailure(new Error(TOKEN, { cause }))).toMatch(sentence);
});

test.each([new Error(TOKEN), TOKEN, undefined, { code: `E ${TOKEN}` }])(
	'an error without a code is a sentence too, and shows nothing of it: %#',
	(error) => {
		expect(describeFailure(error)).toBe(
			'The request to Dibby could not be made. Check the Base URL, and the proxy of your n8n.',
		);
	},
);

test.each([
	[{ baseUrl: 'http://dibby.ai/api' }, /must begin with https/],
	[{ baseUrl: 'https://dibby.ai/api?' }, /must end before any/],
	[{ baseUrl: 'https://dibby.ai/api#' }, /must end before any/],
	[{ baseUrl: 'https://169.254.169.254/' }, /link-local/],
	[{ baseUrl: undefined }, /is not a web address/],
	[{ token: ' ' }, /^Token is empty/],
	[{ token: undefined }, /^Token is empty/],
	[{ token: 'tok\nen' }, /^Token has a character that no token has/],
	[{ token: 'tokén' }, /^Token has a character that no token has/],
])('%j is refused before anything is sent', async (data, message) => {
	answerWith(200, NO_RUN);
	const result = await testCredential(data);
	expect(result).toEqual(refused(expect.stringMatching(message) as string));
	expect(server.seen).toHaveLength(0);
});
