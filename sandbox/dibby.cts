import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Api } from './api.cts';
import { faultFor } from './faults.cts';
import type { FaultPlan } from './faults.cts';
import { failBeforeHandling, corruptResponse, failsBeforeHandling } from './injectFault.cts';
import { send } from './reply.cts';
import { Runs } from './runs.cts';
import type { RecordedRequest, Sandbox, SandboxOptions } from './types.cts';

export type { Sandbox, SandboxOptions } from './types.cts';

const DEFAULTS: SandboxOptions = {
	port: 0,
	token: 'sandbox-token',
	stepMs: 400,
	advance: 'time',
	keepBodies: false,
	log: () => {},
};

/** Starts a local Dibby: the documented API over HTTP. It records its requests, and can fail on purpose. */
export async function startSandbox(given: Partial<SandboxOptions> = {}): Promise<Sandbox> {
	const options = { ...DEFAULTS, ...given };
	const runs = new Runs(options);
	const api = new Api(runs, options);
	const seen = {
		requests: [] as RecordedRequest[],
		inFlight: 0,
		maxInFlight: 0,
		openSockets: 0,
		get runIds() {
			return [...runs.all.keys()];
		},
	};
	const counts = new Map<string, number>();
	let faults: FaultPlan = [];

	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const record: RecordedRequest = {
			method: request.method ?? '',
			path: request.url ?? '',
			startedAt: performance.now(),
			authorized: request.headers.authorization === `Bearer ${options.token}`,
		};
		seen.requests.push(record);
		const count = (counts.get(record.method) ?? 0) + 1;
		counts.set(record.method, count);
		const planned = faultFor(faults, record.method, count);
		seen.maxInFlight = Math.max(seen.maxInFlight, ++seen.inFlight);
		response.once('close', () => {
			seen.inFlight--;
			const status = response.headersSent ? response.statusCode : 'no response';
			options.log(`${record.method} ${record.path} ${status}${planned ? ' (fault)' : ''}`);
		});
		if (planned && failsBeforeHandling(planned.fault))
			return await failBeforeHandling(planned.fault, request, response);

		const reply = await api.respond(request, record);
		if (planned) {
			const good = { status: reply.status, text: JSON.stringify(reply.body) };
			return corruptResponse(planned.fault, request, response, good);
		}
		await send(response, reply);
	};

	// A large upload can take hours, and a client that polls is idle for longer than the default of five seconds.
	const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
		handle(request, response).catch(() => response.destroy());
	});
	server.on('connection', (socket) => {
		seen.openSockets++;
		socket.once('close', () => seen.openSockets--);
	});
	await once(server.listen(options.port, '127.0.0.1'), 'listening');
	const { port } = server.address() as AddressInfo;
	const close = async () =>
		await new Promise<void>((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});

	const setFaults = (plan: FaultPlan) => {
		faults = plan;
		counts.clear();
	};
	return Object.assign(seen, {
		url: `http://127.0.0.1:${port}/api`,
		token: options.token,
		runs: runs.all,
		waiting: () => runs.waiting(),
		finish: (runId: string) => runs.decide(runId, 'finish'),
		fail: (runId: string) => runs.decide(runId, 'fail'),
		setFaults,
		failOn: (...[on, fault, nth]: Parameters<Sandbox['failOn']>) => setFaults([{ on, fault, nth }]),
		pause: close,
		close,
	});
}
