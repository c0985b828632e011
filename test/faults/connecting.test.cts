import { createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import type { JobResult } from '../support/engine.cts';
import { startEngine } from '../support/engine.cts';
import { triggerRun } from '../support/jobs.cts';
import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';

// Without a connection to Dibby, no run can have been started, and the error must say so.
const WORKFLOW = '1b4e28ba-2fa1-11d2-883f-0016d3cca427';

let clock: SimulatedClock;
let connections: number;
beforeEach(() => {
	clock = simulateClock();
	connections = 0;
});
afterEach(() => clock.restore());

/** Starts a run through a server that handles each connection itself, as Dibby or as a proxy. */
async function start(
	onConnection: (socket: Socket) => void,
	settings: (port: number) => { baseUrl: string; requestOptions?: object },
): Promise<JobResult> {
	const server = createServer((socket) => {
		connections++;
		socket.on('error', () => {});
		onConnection(socket);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	try {
		const { baseUrl, requestOptions } = settings((server.address() as AddressInfo).port);
		const engine = await startEngine({ token: 'secret', baseUrl });
		const given = { specifyInputs: 'item', requestOptions: requestOptions as never };
		return await engine.run(triggerRun(WORKFLOW, given));
	} finally {
		server.close();
	}
}

const local = (port: number) => ({ baseUrl: `https://127.0.0.1:${port}/api` });

test("a firewall that closes the connection before it's secure: five attempts", async () => {
	const { error } = await start((socket) => socket.once('data', () => socket.end()), local);
	expect(error?.message).toBe('The connection to Dibby was lost');
	expect(error?.outcomeUnknown).toBe(false);
	expect(connections).toBe(5);
});

test('a server without https', async () => {
	const answer = 'HTTP/1.1 400 Bad Request\r\n\r\n';
	const { error } = await start((socket) => socket.once('data', () => socket.end(answer)), local);
	expect(error?.message).toBe("The connection to Dibby isn't secure");
	expect(error?.outcomeUnknown).toBe(false);
	expect(connections).toBe(1);
});

test.each(['https://dibby.ai/api', 'http://localhost:9/api'])(
	'a proxy that requires a login for %s',
	async (baseUrl) => {
		const answer = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n';
		const { error } = await start(
			(socket) => socket.once('data', () => socket.end(answer)),
			(port) => ({ baseUrl, requestOptions: { proxy: `http://127.0.0.1:${port}` } }),
		);
		expect(error?.message).toBe('The proxy requires a login');
		expect(error?.description).toMatch(/http:\/\/user:password@host:port/);
		expect(error?.outcomeUnknown).toBe(false);
	},
);

describe('a proxy that fails to connect to Dibby', () => {
	/** Starts a run through a proxy that handles the request to connect like this. */
	const startThrough = async (onConnect: (socket: Socket) => void, timeout = 5_000) =>
		await start(
			(socket) => socket.once('data', () => onConnect(socket)),
			(port) => ({
				baseUrl: 'https://dibby.ai/api',
				requestOptions: { timeout, proxy: `http://127.0.0.1:${port}` },
			}),
		);
	const respond = (head: string) => (socket: Socket) => void socket.end(`HTTP/1.1 ${head}\r\n\r\n`);

	test.each([
		'302 Found\r\nLocation: http://portal.example/',
		'500 Internal Server Error',
		'502 Bad Gateway\r\nContent-Length: 0',
		'503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Encoding: gzip',
		'504 Gateway Timeout',
	])('because of HTTP %j', async (head) => {
		const { error } = await startThrough(respond(head));
		expect(error?.message).toBe("The proxy can't connect to Dibby");
		expect(error?.description).toMatch(
			/^n8n says: "Request failed with status code \d+"\. No run was started\. /,
		);
		expect(error?.outcomeUnknown).toBe(false);
		expect(connections).toBe(5);
	});

	test.each<[string, (socket: Socket) => void, string]>([
		['closes the connection', (socket) => socket.end(), "The proxy can't connect to Dibby"],
		[
			'resets the connection',
			(socket) => socket.resetAndDestroy(),
			'The connection to Dibby was lost',
		],
		['sends no HTTP', respond('502 Bad\r\nnonsense'), "The proxy can't connect to Dibby"],
		['never responds', () => {}, "Can't connect to Dibby"],
		[
			'connects, and then resets the connection before it is secure',
			(socket) => {
				socket.write('HTTP/1.1 200 OK\r\n\r\n');
				socket.once('data', () => socket.resetAndDestroy());
			},
			'The connection to Dibby was lost',
		],
	])('because it %s', async (_how, onConnect, message) => {
		const { error } = await startThrough(onConnect, 100);
		expect(error?.message).toBe(message);
		expect(error?.description).toContain('No run was started. ');
		expect(error?.outcomeUnknown).toBe(false);
		expect(connections).toBe(5);
	});

	test.each([403, 404, 407])('because of HTTP %d, which is not retried', async (status) => {
		const { error } = await startThrough(respond(`${status} No`));
		expect(error?.outcomeUnknown).toBe(false);
		expect(connections).toBe(1);
	});
});

test('a proxy whose name is unknown is not the Dibby server', async () => {
	const { error } = await start(
		() => {},
		() => ({
			baseUrl: 'https://dibby.ai/api',
			requestOptions: { proxy: 'http://proxy.invalid:8080' },
		}),
	);
	expect(error?.message).toBe("n8n can't find the proxy server");
	expect(error?.description).toContain(
		'There is no server named "proxy.invalid". No run was started. ',
	);
	expect(error?.outcomeUnknown).toBe(false);
});

describe("a host name that can't be resolved", () => {
	const connect = Reflect.get(Socket.prototype, 'connect') as (...given: unknown[]) => Socket;
	afterEach(() => void Reflect.set(Socket.prototype, 'connect', connect));

	test.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])('%s', async (code) => {
		Socket.prototype.connect = function (this: Socket): Socket {
			const error = new Error(`getaddrinfo ${code} dibby.ai`);
			const details = { code, syscall: 'getaddrinfo', hostname: 'dibby.ai' };
			process.nextTick(() => this.destroy(Object.assign(error, details)));
			return this;
		};
		const { error } = await start(
			() => {},
			() => ({ baseUrl: 'https://dibby.ai/api' }),
		);
		expect(error?.message).toBe("n8n can't find the Dibby server");
		expect(clock.pauses).toHaveLength(4);
	});
});
