import { Socket } from 'node:net';

import type { INode } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { echo } from '../support/jobs.cts';
import { socketsTo, until } from '../support/patience.cts';
import { useSuite } from '../support/suite.cts';

// Connecting fails with the same codes as reading. Only after reading, a run may have been started.
const suite = useSuite();
const CODES = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;

/** Node.js's own way to connect. */
const connect = Reflect.get(Socket.prototype, 'connect') as (...given: unknown[]) => Socket;
afterEach(() => void Reflect.set(Socket.prototype, 'connect', connect));

/** An error as Node.js makes it when the operating system reports one. */
function systemError(syscall: string, code: string): Error {
	const { host } = new URL(suite.sandbox.url);
	const message = `${syscall} ${code}${syscall === 'connect' ? ` ${host}` : ''}`;
	return Object.assign(new Error(message), { code, syscall, errno: -113 });
}

describe.each(CODES)('%s', (code) => {
	/** Breaks each connection with a reading error, as soon as the sandbox has the request. */
	async function startAndBreak(syscall: string, node: Partial<INode>) {
		const sockets = () => socketsTo(suite.sandbox.url);
		let ended = false;
		const running = suite.engine.run(echo({}, node)).finally(() => (ended = true));
		for (let broken = 0; !ended; broken = posts()) {
			await until(() => ended || (posts() > broken && sockets().length > 0));
			for (const socket of sockets()) socket.destroy(systemError(syscall, code));
		}
		return await running;
	}

	const HANG: Fault = { kind: 'hang' };

	test.each<[doing: string, syscall: string, Fault, Partial<INode>, runs: number]>([
		['waiting for', 'read', HANG, {}, 0],
		['waiting for', 'write', HANG, {}, 0],
		['waiting for', 'read', HANG, RETRY, 0],
		['receiving', 'read', { kind: 'slowBody', byteEveryMs: 20 }, {}, 1],
	])('while %s the response, from %s: one POST', async (_doing, syscall, fault, node, runs) => {
		suite.sandbox.failOn('POST', fault);
		const { error } = await startAndBreak(syscall, node);
		expect(error?.message).toMatch(/a run may have been started/);
		expect(error?.outcomeUnknown).toBe(true);
		expect(posts()).toBe(1);
		expect(suite.sandbox.runs.size).toBe(runs);
	});

	test('while connecting: the request is sent again', async () => {
		let refused = 0;
		Socket.prototype.connect = function (this: Socket, ...given: unknown[]): Socket {
			if (refused === 2) return Reflect.apply(connect, this, given);
			refused++;
			process.nextTick(() => this.destroy(systemError('connect', code)));
			return this;
		};
		const { error, items } = await suite.engine.run(echo());
		expect(error).toBeUndefined();
		expect(refused).toBe(2);
		expect(items).toHaveLength(1);
		expect(suite.clock.pauses).toHaveLength(2);
		expect(posts()).toBe(1);
	});
});
