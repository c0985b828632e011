import { Socket } from 'node:net';

import type { INode } from 'n8n-workflow';

import type { JobResult } from '../support/engine.cts';
import { echo } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';
import { until } from '../support/patience.cts';

// Connecting fails with the same codes as reading. Only after reading, a run may have been started.
const suite = useSuite();
const CODES = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;
const port = () => Number(new URL(suite.sandbox.url).port);

/** Node.js's own way to connect. */
const connect = Reflect.get(Socket.prototype, 'connect') as (...given: unknown[]) => Socket;
afterEach(() => void Reflect.set(Socket.prototype, 'connect', connect));

/** An error as Node.js makes it when the operating system reports one. */
function systemError(syscall: string, code: string): Error {
	const address = `127.0.0.1:${port()}`;
	const message = syscall === 'connect' ? `connect ${code} ${address}` : `${syscall} ${code}`;
	return Object.assign(new Error(message), { code, syscall, errno: -113 });
}

/** The node's ends of connections to the sandbox. */
function connections(): Socket[] {
	// Node.js counts open sockets for everybody to see, and shows which they are in this way only.
	const { _getActiveHandles: handles } = process as unknown as {
		_getActiveHandles: () => unknown[];
	};
	return handles().filter(
		(handle): handle is Socket => handle instanceof Socket && handle.remotePort === port(),
	);
}

async function start(node: Partial<INode> = {}): Promise<JobResult> {
	return await suite.engine.run(echo({}, node));
}

describe.each(CODES)('%s', (code) => {
	/** Breaks each connection with a reading error, as soon as the sandbox has the request. */
	async function startAndBreak(syscall: string, node?: Partial<INode>): Promise<JobResult> {
		const running = start(node);
		let broken = 0;
		let ended = false;
		void running.finally(() => (ended = true));
		while (!ended) {
			await until(() => ended || (posts() > broken && connections().length > 0));
			if (ended) break;
			broken = posts();
			for (const socket of connections()) socket.destroy(systemError(syscall, code));
		}
		return await running;
	}

	test.each(['read', 'write'])(
		'while waiting for the response, from %s: the request is sent once',
		async (syscall) => {
			suite.sandbox.failOn('POST', { kind: 'hang' });
			const { error } = await startAndBreak(syscall);
			expect(error?.message).toMatch(/a run may have been started/);
			expect(error?.outcomeUnknown).toBe(true);
			expect(posts()).toBe(1);
		},
	);

	test("while waiting for the response: Retry On Fail doesn't send it again", async () => {
		suite.sandbox.failOn('POST', { kind: 'hang' });
		const { error } = await startAndBreak('read', RETRY);
		expect(error?.message).toMatch(/a run may have been started/);
		expect(posts()).toBe(1);
	});

	test('while receiving the response: the request is sent once', async () => {
		suite.sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 20 });
		const { error } = await startAndBreak('read');
		expect(error?.message).toMatch(/a run may have been started/);
		expect(posts()).toBe(1);
		expect(suite.sandbox.runs.size).toBe(1);
	});

	test('while connecting: the request is sent again', async () => {
		let refused = 0;
		Socket.prototype.connect = function (this: Socket, ...given: unknown[]): Socket {
			if (refused === 2) return Reflect.apply(connect, this, given);
			refused++;
			process.nextTick(() => this.destroy(systemError('connect', code)));
			return this;
		};
		const { error, items } = await start();
		expect(error).toBeUndefined();
		expect(refused).toBe(2);
		expect(items).toHaveLength(1);
		expect(suite.clock.pauses).toHaveLength(2);
		expect(posts()).toBe(1);
	});
});
