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
		return await engine.run({ steps: [triggerRun(WORKFLOW, given)] });
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
		const { error } = await start(() => {}, local);
		expect(error?.message).toBe("n8n can't find the Dibby server");
		expect(clock.pauses).toHaveLength(4);
	});
});
