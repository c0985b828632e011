import { Socket } from 'node:net';

import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { withSocketServer } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { document, echo } from '../support/jobs.cts';
import { storeFile } from '../support/n8n.cts';

// Without a connection to Dibby, no run can have been started, and the error must say so.
const DIBBY = 'https://dibby.ai/api';
const LOST = 'The connection to Dibby was lost';
const PROXY_FAILS = "The proxy can't connect to Dibby";

let clock: SimulatedClock;
beforeEach(() => {
	clock = simulateClock();
});
afterEach(() => clock.restore());

async function start(baseUrl: string, requestOptions: object = {}) {
	const engine = await startEngine({ token: 'secret', baseUrl });
	const result = await engine.run(echo({ requestOptions: requestOptions as never }));
	expect(result.error?.outcomeUnknown).toBe(false);
	expect(result.error?.description).toContain('No run was started by this request. ');
	return result;
}

type Handle = (socket: Socket) => void;
/** Answers the first bytes of a connection, and ends it. */
const respond =
	(head: string): Handle =>
	(socket) =>
		void socket.end(`HTTP/1.1 ${head}\r\n\r\n`);
const afterFirstBytes =
	(handle: Handle): Handle =>
	(socket) =>
		void socket.once('data', () => handle(socket));

const connectAndReset: Handle = (socket) => {
	socket.write('HTTP/1.1 200 OK\r\n\r\n');
	socket.once('data', () => socket.resetAndDestroy());
};

/** Starts a run through a proxy. */
const startThrough = async (handle: Handle, baseUrl = DIBBY, timeout = 5_000) =>
	await withSocketServer(
		afterFirstBytes(handle),
		async (port) => await start(baseUrl, { timeout, proxy: `http://127.0.0.1:${port}` }),
	);

test.each<[string, Handle, string, attempts: number]>([
	["a firewall that closes the connection before it's secure", (socket) => socket.end(), LOST, 5],
	['a server without https', respond('400 Bad Request'), "The connection to Dibby isn't secure", 1],
])('%s', async (_what, handle, message, attempts) => {
	const { error, connections } = await withSocketServer(
		afterFirstBytes(handle),
		async (port) => await start(`https://127.0.0.1:${port}/api`),
	);
	expect(error?.message).toBe(message);
	expect(connections).toBe(attempts);
});

describe('a proxy', () => {
	test.each([DIBBY, 'http://localhost:9/api'])('that requires a login for %s', async (baseUrl) => {
		const head = '407 Proxy Authentication Required\r\nContent-Length: 0';
		const { error } = await startThrough(respond(head), baseUrl);
		expect(error?.message).toBe('The proxy requires a login');
		expect(error?.description).toMatch(/http:\/\/user:password@host:port/);
	});

	test.each([
		'302 Found\r\nLocation: http://portal.example/',
		'500 Internal Server Error',
		'502 Bad Gateway\r\nContent-Length: 0',
		'503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Encoding: gzip',
		'504 Gateway Timeout',
	])('that fails to connect with HTTP %j', async (head) => {
		const { error, connections } = await startThrough(respond(head));
		expect(error?.message).toBe(PROXY_FAILS);
		expect(error?.description).toMatch(/^n8n says: "Request failed with status code \d+"\. No run/);
		expect(connections).toBe(5);
	});

	test.each<[string, Handle, string]>([
		['closes the connection', (socket) => socket.end(), PROXY_FAILS],
		['resets the connection', (socket) => socket.resetAndDestroy(), LOST],
		['sends no HTTP', respond('502 Bad\r\nnonsense'), PROXY_FAILS],
		['never responds', () => {}, "Can't connect to Dibby"],
		['connects, and then resets the connection before it is secure', connectAndReset, LOST],
	])('that %s', async (_how, handle, message) => {
		const { error, connections } = await startThrough(handle, DIBBY, 100);
		expect(error?.message).toBe(message);
		expect(connections).toBe(5);
	});

	test.each([403, 404, 407])('that answers HTTP %d is not asked again', async (status) => {
		expect((await startThrough(respond(`${status} No`))).connections).toBe(1);
	});

	test('whose name is unknown is not the Dibby server', async () => {
		const { error } = await start(DIBBY, { proxy: 'http://proxy.invalid:8080' });
		expect(error?.message).toBe("n8n can't find the proxy server");
		expect(error?.description).toContain('There is no server named "proxy.invalid". ');
	});
});

describe("a host name that can't be resolved", () => {
	const connect = Reflect.get(Socket.prototype, 'connect') as unknown;
	afterEach(() => void Reflect.set(Socket.prototype, 'connect', connect));

	test.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])('%s', async (code) => {
		Socket.prototype.connect = function (this: Socket): Socket {
			const error = new Error(`getaddrinfo ${code} dibby.ai`);
			const details = { code, syscall: 'getaddrinfo', hostname: 'dibby.ai' };
			process.nextTick(() => this.destroy(Object.assign(error, details)));
			return this;
		};
		const { error } = await start(DIBBY);
		expect(error?.message).toBe("n8n can't find the Dibby server");
		expect(clock.pauses).toHaveLength(4);
	});
});

// Servers and gateways may respond before they have read the whole request. Nobody can have accepted half of one.

/** Uploads a large file to a server that responds after the first bytes. */
async function upload(head: string, after: Handle) {
	const respondEarly: Handle = (socket) => {
		socket.pause();
		socket.write(`HTTP/1.1 ${head}\r\n\r\n`, () => after(socket));
	};
	return await withSocketServer(afterFirstBytes(respondEarly), async (port) => {
		const baseUrl = `http://127.0.0.1:${port}/api`;
		const engine = await startEngine({ token: 'secret', baseUrl });
		const binary = { data: await storeFile(Buffer.alloc(40 * 1024 * 1024)) };
		const step = echo({ ...document('scan'), requestOptions: { timeout: 3_000 } });
		return await engine.run(step, { items: [{ json: {}, binary }] });
	});
}

const TOO_LARGE = 'The documents are too large for Dibby';
const BAD_GATEWAY = "Dibby couldn't process the request (HTTP 502)";
const SEND_LESS = /^No run was started by this request\. Send smaller or fewer files\./;
const AGAIN_LATER = /^No run was started by this request\. Execute the node again later\.$/;
const LATER_MS = 200;
const ENDINGS: Array<[string, Handle]> = [
	['keeps the connection open', () => {}],
	['closes the connection', (socket) => void socket.end()],
	['resets the connection', (socket) => void setTimeout(() => socket.resetAndDestroy(), LATER_MS)],
];

describe.each(ENDINGS)('a server that responds early and then %s', (_how, after) => {
	test.each([
		['413 Payload Too Large\r\nContent-Length: 0', TOO_LARGE, SEND_LESS],
		['502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>', BAD_GATEWAY, AGAIN_LATER],
	])('has started no run: HTTP %j', async (head, message, advice) => {
		const { error, connections } = await upload(head, after);
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(advice);
		expect(error?.outcomeUnknown).toBe(false);
		expect(connections).toBe(1);
	});
});
