import type { IncomingMessage, ServerResponse } from 'node:http';

import { Api } from './api.cts';
import { faultFor } from './faults.cts';
import type { FaultPlan } from './faults.cts';
import { failBeforeHandling, corruptResponse, failsBeforeHandling } from './injectFault.cts';
import { Listener } from './listener.cts';
import { send } from './reply.cts';
import { Runs } from './runs.cts';
import type { RecordedRequest, Sandbox, SandboxOptions } from './types.cts';

export type { Sandbox, SandboxOptions } from './types.cts';

const DEFAULTS: SandboxOptions = {
	port: 0,
	host: '127.0.0.1',
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
	const requests: RecordedRequest[] = [];
	const counts = new Map<string, number>();
	let faults: FaultPlan = [];
	let inFlight = 0;
	let maxInFlight = 0;

	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const record = recordOf(request, options.token);
		requests.push(record);
		const count = (counts.get(record.method) ?? 0) + 1;
		counts.set(record.method, count);
		maxInFlight = Math.max(maxInFlight, ++inFlight);
		response.once('close', () => {
			inFlight--;
			record.status = response.headersSent ? response.statusCode : 0;
			const { method, path, status, isFault } = record;
			options.log(`${method} ${path} ${status || 'no response'}${isFault ? ' (fault)' : ''}`);
		});
		const planned = faultFor(faults, record.method, count);
		record.isFault = planned !== undefined;
		if (planned && failsBeforeHandling(planned.fault))
			return await failBeforeHandling(planned.fault, request, response);

		const reply = await api.respond(request, record);
		if (planned) {
			const good = { status: reply.status, text: JSON.stringify(reply.body) };
			return corruptResponse(planned.fault, request, response, good);
		}
		await send(response, reply);
	};

	const listener = new Listener((request, response) => {
		handle(request, response).catch(() => response.destroy());
	}, options.host);
	const port = await listener.listen(options.port);

	const setFaults = (plan: FaultPlan) => {
		faults = plan;
		counts.clear();
	};
	return {
		url: `http://${options.host}:${port}/api`,
		token: options.token,
		requests,
		runs: runs.all,
		get runIds() {
			return [...runs.all.keys()];
		},
		get inFlight() {
			return inFlight;
		},
		get maxInFlight() {
			return maxInFlight;
		},
		get openSockets() {
			return listener.openSockets;
		},
		waiting: () => runs.waiting(),
		finish: (runId) => runs.decide(runId, 'finish'),
		fail: (runId) => runs.decide(runId, 'fail'),
		setFaults,
		failOn: (on, fault, nth) => setFaults([{ on, fault, nth }]),
		pause: async () => await listener.stop(),
		resume: async () => void (await listener.listen(port)),
		close: async () => await listener.stop(),
	};
}

function recordOf(request: IncomingMessage, token: string): RecordedRequest {
	return {
		method: request.method ?? '',
		path: request.url ?? '',
		status: 0,
		startedAt: performance.now(),
		bodyBytes: 0,
		authorized: request.headers.authorization === `Bearer ${token}`,
	};
}
