import { backOff } from '../../dist/nodes/Dibby/api/retry.js';
import { clock } from '../../dist/nodes/Dibby/clock.js';
import { networkFailureOf } from '../../dist/nodes/Dibby/api/networkFailure.js';
import { mayHaveStarted, shouldSendAgain } from '../../dist/nodes/Dibby/api/response.js';
import { pauseBeforePoll } from '../../dist/nodes/Dibby/waiting/poll.js';

const { random } = clock;
afterEach(() => {
	clock.random = random;
});

describe('backOff', () => {
	test.each([
		[1, 1_000],
		[2, 2_000],
		[5, 16_000],
		[6, 30_000],
		[100, 30_000],
	])('after %d failures it is at most %d ms, and anything down to none', (failures, most) => {
		clock.random = () => 1;
		expect(backOff(failures)).toBe(most);
		clock.random = () => 0;
		expect(backOff(failures)).toBe(0);
	});

	test.each([
		['3', 3_000],
		['0.5', 500],
		['-4', 0],
		['86400', 120_000],
		['soon', 0],
		['', 0],
	])('Retry-After %j adds %d ms', (header, expected) => {
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
	test.each([
		[0, 1_000],
		[1_000, 1_000],
		[1_500, 1_500],
		[5_000, 2_000],
		[20_000, 2_000],
		[60_000, 6_000],
		[3_600_000, 30_000],
		[3 * 86_400_000, 30_000],
	])('after %d ms it is %d ms, less up to a fifth by chance', (elapsed, longest) => {
		clock.random = () => 0;
		expect(pauseBeforePoll(elapsed, Infinity)).toBe(longest);
		clock.random = () => 1;
		expect(pauseBeforePoll(elapsed, Infinity)).toBe(longest * 0.8);
	});

	test.each([
		[10, 7],
		[60, 25],
		[600, 55],
		[3_600, 166],
		[3 * 86_400, 9_633],
	])('a run of %d s is polled %d times, as docs/performance.md says', (seconds, expected) => {
		clock.random = () => 0.5;
		let polls = 0;
		for (let elapsed = 0; elapsed < seconds * 1_000; polls++) {
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

	test.each([
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
	])('%s %j is "%s", delivered: %s', (code, more, kind, delivered) => {
		expect(networkFailureOf(axios(code, more))).toMatchObject({ kind, delivered });
	});

	test.each([
		['ECONNRESET', null, 'closed', false],
		['ECONNABORTED', null, 'refused', false],
		['ECONNABORTED', { connecting: true }, 'refused', false],
		['ECONNRESET', { secureConnecting: true }, 'closed', false],
		['ECONNRESET', { connecting: false, secureConnecting: false }, 'closed', undefined],
		['ECONNABORTED', { connecting: false }, 'timeout', undefined],
	])('%s with the connection %j is "%s", delivered: %s', (code, socket, kind, delivered) => {
		const failure = networkFailureOf(axios(code, { request: { socket } }));
		expect(failure).toMatchObject({ kind, delivered });
	});

	test('an error from before the request, with its message', () => {
		const error = Object.assign(new Error('outer'), { cause: new Error('Domain not allowed') });
		expect(networkFailureOf(error)).toEqual({
			kind: 'notAllowed',
			delivered: false,
			detail: 'Domain not allowed',
		});
	});

	test.each([undefined, null, 'text', 5, new Error('no first error')])(
		'%j, which says nothing about the original error, leaves open whether the request arrived',
		(thrown) => {
			expect(networkFailureOf(thrown)).toMatchObject({ kind: 'closed', delivered: undefined });
		},
	);

	test('versions of n8n that drop the original error and keep its code and message', () => {
		const kept = (httpCode: string, messages: string[]) => ({ httpCode, messages });
		expect(
			networkFailureOf(kept('ECONNREFUSED', ['connect ECONNREFUSED 127.0.0.1:443'])),
		).toMatchObject({ kind: 'refused', delivered: false });
		expect(networkFailureOf(kept('ECONNRESET', ['socket hang up']))).toMatchObject({
			delivered: undefined,
		});
		expect(networkFailureOf(kept('ETIMEDOUT', ['connect ETIMEDOUT 10.0.0.1:443']))).toMatchObject({
			delivered: false,
		});
		expect(networkFailureOf(kept('ETIMEDOUT', ['timeout of 5 ms exceeded']))).toMatchObject({
			delivered: undefined,
		});
	});
});

describe('a response to a start', () => {
	const exchange = (status: number, more: object = {}) => ({
		response: { status, text: '', json: undefined, ...more },
	});

	test.each<[status: number, unknown: boolean, again: boolean]>([
		[200, true, false],
		...[300, 301, 302, 303, 304, 408, 409, 499].map(
			(status) => [status, true, false] as [number, boolean, boolean],
		),
		...[500, 502, 503, 504, 520, 529].map(
			(status) => [status, true, false] as [number, boolean, boolean],
		),
		...[307, 308, 400, 401, 403, 404, 407, 413, 422].map(
			(status) => [status, false, false] as [number, boolean, boolean],
		),
		[429, false, true],
	])('with HTTP %d: a run may have been started: %s, sent again: %s', (status, unknown, again) => {
		expect(mayHaveStarted(exchange(status))).toBe(unknown);
		expect(shouldSendAgain(exchange(status))).toBe(again);
	});

	test.each([{ json: {} }, { json: null }, { retryAfter: '1' }, { isHalfSent: true }])(
		'with HTTP 503 and %j is sent again',
		(more) => expect(shouldSendAgain(exchange(503, more))).toBe(true),
	);

	test.each([302, 409, 500, 502])(
		'with HTTP %d before everything was sent started nothing',
		(status) => {
			expect(mayHaveStarted(exchange(status, { isHalfSent: true }))).toBe(false);
		},
	);
});
