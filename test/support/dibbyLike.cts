import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { simulateClock } from './clock.cts';
import type { SimulatedClock } from './clock.cts';

/** A server for tests that decide over every byte that it answers. */
export interface DibbyLike {
	url: string;
	/** The requests so far: method, path, and what they were authorized with. */
	seen: Array<{ method?: string; path?: string; authorization?: string }>;
	/** Requests that are neither answered nor broken off. */
	readonly openRequests: number;
	close: () => Promise<void>;
}

export async function dibbyLike(
	answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<DibbyLike> {
	const seen: DibbyLike['seen'] = [];
	let openRequests = 0;
	const server = createServer((request, response) => {
		const { method, url: path, headers } = request;
		seen.push({ method, path, authorization: headers.authorization });
		openRequests++;
		response.once('close', () => openRequests--);
		request.resume().once('end', () => answer(request, response));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
		seen,
		get openRequests() {
			return openRequests;
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

export interface DibbyLikeSuite {
	server: DibbyLike;
	clock: SimulatedClock;
	/** How the server answers; a test sets it. */
	answer: (response: ServerResponse, request: IncomingMessage) => void;
}

/** Starts a server and simulates the node's clock before each test. */
export function useDibbyLike(): DibbyLikeSuite {
	const suite = {} as DibbyLikeSuite;
	beforeEach(async () => {
		suite.server = await dibbyLike((request, response) => suite.answer(response, request));
		suite.clock = simulateClock();
	});
	afterEach(async () => {
		suite.clock.restore();
		await suite.server.close();
	});
	return suite;
}

/**
 * Starts a server that handles each connection itself while some work is done.
 *
 * @returns the work's result and the number of connections
 */
export async function withSocketServer<Result>(
	onConnection: (socket: Socket) => void,
	work: (port: number) => Promise<Result>,
): Promise<Result & { connections: number }> {
	const sockets: Socket[] = [];
	const server = createSocketServer((socket) => {
		sockets.push(socket.on('error', () => {}));
		onConnection(socket);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	try {
		const result = await work((server.address() as AddressInfo).port);
		return { ...result, connections: sockets.length };
	} finally {
		server.close();
		for (const socket of sockets) socket.destroy();
	}
}
