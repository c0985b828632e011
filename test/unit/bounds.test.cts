import { RequestLimiter } from '../../dist/nodes/Dibby/api/requestLimiter.js';
import { backOff, sendWithRetry } from '../../dist/nodes/Dibby/api/retry.js';
import { readRequestOptions } from '../../dist/nodes/Dibby/api/requestOptions.js';
import { clock } from '../../dist/nodes/Dibby/clock.js';
import { networkFailureOf, responseOf } from '../../dist/nodes/Dibby/api/networkFailure.js';
import { pauseBeforePoll } from '../../dist/nodes/Dibby/waiting/poll.js';

const { random } = clock;
afterEach(() => Object.assign(clock, { random }));

describe('backOff', () => {
	const MOST = { 1: 1_000, 2: 2_000, 5: 16_000, 6: 30_000, 100: 30_000 };
	test.each(Object.entries(MOST))('after %s failures it is 0 to %d ms', (failures, most) => {
		clock.random = () => 1;
		expect(backOff(Number(failures))).toBe(most);
		clock.random = () => 0;
		expect(backOff(Number(failures))).toBe(0);
	});

	const HEADERS = { 3: 3_000, 0.5: 500, '-4': 0, 86400: 120_000, soon: 0, '': 0 };
	test.each(Object.entries(HEADERS))('Retry-After %j adds %d ms', (header, expected) => {
		clock.random = () => 0;
		expect(backOff(1, header)).toBe(expected);
	});

	test('Retry-After may be a date', () => {
		clock.random = () => 0;
		// The date is in whole seconds, and a busy machine may take a while to read it.
		const pause = backOff(1, new Date(Date.now() + 100_000).toUTCString());
		expect(pause).toBeGreaterThan(50_000);
		expect(pause).toBeLessThanOrEqual(100_000);
		expect(backOff(1, new Date(Date.now() - 10_000).toUTCString())).toBe(0);
	});
});

describe('pauseBeforePoll', () => {
	test('is shortened by up to a fifth by chance', () => {
		for (const elapsed of [0, 5_000, 60_000, 3_600_000]) {
			clock.random = () => 0;
			const longest = pauseBeforePoll(elapsed, Infinity);
			clock.random = () => 1;
			expect(pauseBeforePoll(elapsed, Infinity)).toBe(longest * 0.8);
		}
	});

	// As docs/performance.md says.
	const POLLS = { 10: 7, 60: 25, 600: 55, 3_600: 166, 259_200: 9_633 };
	test.each(Object.entries(POLLS))('a run of %s s is polled %d times', (seconds, expected) => {
		clock.random = () => 0.5;
		let polls = 0;
		for (let elapsed = 0; elapsed < Number(seconds) * 1_000; polls++) {
			elapsed += pauseBeforePoll(elapsed, Infinity);
		}
		expect(polls).toBe(expected);
	});

	test('never goes past what remains, and never below zero', () => {
		expect(pauseBeforePoll(60_000, 12)).toBe(12);
		expect(pauseBeforePoll(60_000, -5)).toBe(0);
		expect(pauseBeforePoll(60_000, 1_500, 2_000)).toBe(1_500);
	});
});

describe('networkFailureOf', () => {
	const axios = (code: string, more: object = {}) => ({
		cause: { isAxiosError: true, message: code, code, ...more },
	});
	const socket = (socket: object | null) => ({ request: { socket } });

	test.each<[string, object, string, boolean?]>([
		['ECONNREFUSED', { syscall: 'connect' }, 'refused', false],
		['ENETUNREACH', { syscall: 'connect' }, 'refused', false],
		['ENETUNREACH', { syscall: 'read' }, 'closed', undefined],
		['ENOTFOUND', {}, 'unknownHost', false],
		['EAI_AGAIN', {}, 'unknownHost', false],
		['ETIMEDOUT', { syscall: 'connect' }, 'refused', false],
		['ETIMEDOUT', {}, 'timeout', undefined],
		['ECONNABORTED', {}, 'timeout', undefined],
		['ECONNRESET', {}, 'closed', undefined],
		['EPIPE', {}, 'closed', undefined],
		['SOMETHING_NEW', {}, 'closed', undefined],
		['DEPTH_ZERO_SELF_SIGNED_CERT', {}, 'certificate', false],
		['ERR_TLS_CERT_ALTNAME_INVALID', {}, 'certificate', false],
		['EPROTO', { syscall: 'write' }, 'certificate', false],
		['ERR_SSL_WRONG_VERSION_NUMBER', {}, 'closed', undefined],
		['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', {}, 'closed', undefined],
		['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', {}, 'closed', undefined],
		['ECONNRESET', socket(null), 'closed', false],
		['ECONNABORTED', socket(null), 'refused', false],
		['ECONNABORTED', socket({ connecting: true }), 'refused', false],
		['ECONNRESET', socket({ secureConnecting: true }), 'closed', false],
		['ECONNRESET', socket({ connecting: false, secureConnecting: false }), 'closed', undefined],
		['ECONNABORTED', socket({ connecting: false }), 'timeout', undefined],
	])('%s %j is "%s", delivered: %s', (code, more, ...expected) => {
		const { kind, delivered } = networkFailureOf(axios(code, more));
		expect([kind, delivered]).toEqual(expected);
	});

	test.each([
		['a block of its own', {}, {}, 'notAllowed'],
		['a code', {}, { code: 'E_ODD' }, 'closed'],
		['a code in n8n', { httpCode: 'E_ODD' }, {}, 'closed'],
		['an error of axios', {}, { isAxiosError: true }, 'closed'],
		['a message of a version that drops the cause', { cause: undefined }, {}, 'closed'],
	])('an error of n8n with %s', (_what, outer, inner, kind) => {
		const cause = Object.assign(new Error('inner'), inner);
		const error = Object.assign(new Error('outer'), { cause: { message: 'middle', cause } }, outer);
		expect(networkFailureOf(error)).toMatchObject({ kind });
		if (kind === 'notAllowed') expect(networkFailureOf(error).detail).toBe('inner');
	});

	test.each([
		["Dibby's", 'https:', { encrypted: true }, 502],
		["Dibby's, without encryption", 'http:', {}, 502],
		["a proxy's", 'https:', {}, undefined],
		["a proxy's that is gone", 'https:', null, undefined],
	])('a response is %s', (_whose, protocol, socket, status) => {
		const response = { status: 502, headers: {}, data: '' };
		const error = axios('ERR_BAD_RESPONSE', { response, request: { protocol, socket } });
		expect(responseOf(error)?.statusCode).toBe(status);
	});

	test('an error from before the request, with its message', () => {
		const detail = 'Domain not allowed';
		const error = Object.assign(new Error('outer'), { cause: new Error(detail) });
		expect(networkFailureOf(error)).toEqual({ kind: 'notAllowed', delivered: false, detail });
	});

	test.each([undefined, null, 'text', 5, new Error('no first error')])(
		'%j, which says nothing about the original error, leaves open whether the request arrived',
		(thrown) => {
			expect(networkFailureOf(thrown)).toMatchObject({ kind: 'closed', delivered: undefined });
		},
	);

	test.each([
		['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:443', false],
		['ECONNRESET', 'socket hang up', undefined],
		['ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:443', false],
		['ETIMEDOUT', 'timeout of 5 ms exceeded', undefined],
	])('older n8n keeps only the code %s and the message "%s"', (httpCode, message, delivered) => {
		expect(networkFailureOf({ httpCode, messages: [message] })).toMatchObject({ delivered });
	});
});

test('a time limit that passes during the pause for all items ends with the last response', async () => {
	const stopped = new AbortController().signal;
	const limiter = new RequestLimiter(1, stopped);
	const limit = clock.now() + 50;
	const status = await sendWithRetry({ limiter, stopped } as never, {
		purpose: 'start',
		deadline: () => limit,
		send: async () => await Promise.resolve({ response: { status: 429 } } as never),
		shouldRetry: () => {
			// Another item was asked to wait for longer.
			limiter.pause(60_000);
			return true;
		},
		conclude: ({ response }) => response?.status,
	});
	expect(status).toBe(429);
});

test('starts and polls take turns, so that neither waits for all of the others', async () => {
	const limiter = new RequestLimiter(1, new AbortController().signal);
	const order: string[] = [];
	const add = async (purpose: 'start' | 'get', n: number) =>
		await limiter.run(purpose, Infinity, async () => {
			order.push(`${purpose} ${n}`);
			await Promise.resolve();
		});
	const starts = [1, 2, 3, 4].map(async (n) => await add('start', n));
	const polls = [1, 2].map(async (n) => await add('get', n));
	await Promise.all([...starts, ...polls]);
	expect(order).toEqual(['start 1', 'get 1', 'start 2', 'get 2', 'start 3', 'start 4']);
});

const ME = { username: 'me', password: 'p@ss' };
const optionsWith = (proxy: unknown) =>
	readRequestOptions({ getNodeParameter: () => ({ proxy }) } as never);

test.each<[string, object]>([
	['http://proxy.example', { protocol: 'http', host: 'proxy.example', port: 80 }],
	[' https://proxy.example/ ', { protocol: 'https', host: 'proxy.example', port: 443 }],
	['http://[::1]:3128', { protocol: 'http', host: '[::1]', port: 3128 }],
	['http://me:p%40ss@a.example:8080', { host: 'a.example', port: 8080, auth: ME }],
	['http://me@proxy.example', { auth: { username: 'me', password: '' } }],
	['http://:secret@proxy.example', { auth: { username: '', password: 'secret' } }],
])("the 'Proxy' %j", (proxy, expected) => {
	const options = optionsWith(proxy);
	expect(options.proxy).toMatchObject(expected);
	expect(options.proxy).toHaveProperty('protocol');
	expect('auth' in expected).toBe('auth' in (options.proxy as object));
});

test.each(['proxy.example', 'mailto:me', '//x', 5])("the 'Proxy' %j is an error", (proxy) => {
	expect(() => optionsWith(proxy)).toThrow("'Proxy' isn't a valid URL");
});
