import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

import { BodyReader } from './bodyReader.cts';
import type { ReadBody } from './bodyReader.cts';
import { faultFor } from './faults.cts';
import type { FaultPlan } from './faults.cts';
import { strikeEarly, strikeLate, strikesEarly } from './injectFault.cts';
import { Runs } from './runs.cts';
import { inputsProblem } from './startNode.cts';
import type { RecordedRequest, Sandbox, SandboxOptions, SandboxRun } from './types.cts';
import { WORKFLOWS } from './workflows.cts';

export type { Sandbox, SandboxOptions } from './types.cts';

const DEFAULTS: SandboxOptions = {
	port: 0,
	host: '127.0.0.1',
	token: 'sandbox-token',
	stepMs: 400,
	advance: 'time',
	faults: [],
	bodyLimit: Infinity,
	keepBodies: false,
	log: () => {},
};

/** An answer in the making. A generator's output follows the fields piece by piece. */
interface Reply {
	status: number;
	body: object;
	output?: Generator<string>;
}

const refuse = (status: number, message: string): Reply => ({
	status,
	body: { error: { message } },
});

/** Starts a local Dibby: the documented API over HTTP, and no more. */
export async function startSandbox(given: Partial<SandboxOptions> = {}): Promise<Sandbox> {
	const options = { ...DEFAULTS, ...given };
	const runs = new Runs(options);
	const requests: RecordedRequest[] = [];
	const counts = new Map<string, number>();
	const sockets = new Set<Socket>();
	let faults: FaultPlan = options.faults;
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
			record.endedAt = performance.now();
			record.status = response.headersSent ? response.statusCode : 0;
			record.aborted = !response.writableFinished;
			options.log(
				`${record.method} ${record.path} ${record.status || 'no answer'}${record.fault ? ` (${record.fault})` : ''}`,
			);
		});
		const planned = faultFor(faults, record.method, count);
		record.fault = planned?.name;
		if (planned && strikesEarly(planned.fault))
			return await strikeEarly(planned.fault, request, response);

		const reply = await answer(request, record);
		if (planned) {
			return strikeLate(planned.fault, request, response, {
				status: reply.status,
				text: JSON.stringify(reply.body),
			});
		}
		await send(response, reply);
	};

	const answer = async (request: IncomingMessage, record: RecordedRequest): Promise<Reply> => {
		if (!record.authorized) {
			request.resume();
			return refuse(401, 'The token is missing or wrong');
		}
		const runId = /^\/api\/runs\/([^/]+)$/.exec(record.path)?.[1];
		if (record.method === 'GET' && runId !== undefined) {
			const run = await runs.look(decodeURIComponent(runId));
			return run ? replyWith(200, run) : refuse(404, 'There is no such run');
		}
		if (record.method !== 'POST' || record.path !== '/api/runs')
			return refuse(404, 'There is nothing at this address');
		const body = await read(request, record);
		return 'status' in body ? body : startRun(body);
	};

	const read = async (
		request: IncomingMessage,
		record: RecordedRequest,
	): Promise<ReadBody | Reply> => {
		const reader = new BodyReader();
		const kept: Buffer[] = [];
		try {
			for await (const chunk of request as AsyncIterable<Buffer>) {
				record.bodyBytes += chunk.length;
				if (record.bodyBytes <= options.bodyLimit) reader.push(chunk);
				if (options.keepBodies) kept.push(chunk);
			}
			if (options.keepBodies) record.rawBody = Buffer.concat(kept).toString('utf8');
			if (record.bodyBytes > options.bodyLimit) return refuse(413, 'The request is too large');
			return reader.end();
		} catch (error) {
			return refuse(
				400,
				`The body can't be read: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	};

	const startRun = ({ json, repeatedKey }: ReadBody): Reply => {
		if (repeatedKey !== undefined) return refuse(400, `The key "${repeatedKey}" is there twice`);
		const body = json as Record<string, unknown>;
		const workflow = Object.values(WORKFLOWS).find(
			({ id }) => id === (body?.workflowId ?? body?.worfklowId),
		);
		if (workflow === undefined) return refuse(404, 'There is no such workflow');
		const key = workflow.key ?? 'workflowId';
		if (!Object.hasOwn(body, key)) return refuse(400, `The body must have the key ${key}`);
		const { inputs } = body;
		if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
			return refuse(400, 'The inputs must be an object');
		}
		const problem = inputsProblem(workflow, inputs as Record<string, unknown>);
		if (problem !== undefined) return refuse(400, problem);
		return replyWith(201, runs.start(workflow, inputs as Record<string, unknown>));
	};

	const replyWith = (status: number, run: SandboxRun): Reply => {
		const { fields, output } = runs.describe(run);
		if (typeof output !== 'function') return { status, body: { ...fields, output } };
		const pieces = output as () => Generator<string>;
		return { status, body: { ...fields, output: null }, output: pieces() };
	};

	const server = createServer((request, response) => {
		handle(request, response).catch(() => response.destroy());
	});
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	const listen = async (port: number) =>
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, options.host, resolve);
		});
	const stop = async () =>
		await new Promise<void>((resolve) => {
			server.close(() => resolve());
			for (const socket of sockets) socket.destroy();
		});
	await listen(options.port);
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://${options.host}:${port}/api`,
		token: options.token,
		requests,
		runs: runs.all,
		get inFlight() {
			return inFlight;
		},
		get maxInFlight() {
			return maxInFlight;
		},
		get openSockets() {
			return sockets.size;
		},
		finish: (runId) => runs.decide(runId, 'finish'),
		fail: (runId) => runs.decide(runId, 'fail'),
		setFaults: (plan) => {
			faults = plan;
			counts.clear();
		},
		pause: stop,
		resume: async () => await listen(port),
		close: async () => {
			if (server.listening) await stop();
		},
	};
}

function recordOf(request: IncomingMessage, token: string): RecordedRequest {
	const authorized = request.headers.authorization === `Bearer ${token}`;
	const headers = Object.entries(request.headers).filter(([name]) => name !== 'authorization');
	return {
		method: request.method ?? '',
		path: request.url ?? '',
		status: 0,
		startedAt: performance.now(),
		endedAt: 0,
		bodyBytes: 0,
		authorized,
		headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
		aborted: false,
	};
}

async function send(response: ServerResponse, { status, body, output }: Reply): Promise<void> {
	response.writeHead(status, { 'content-type': 'application/json' });
	const text = JSON.stringify(body);
	if (output === undefined) return void response.end(text);
	const pieces = function* () {
		yield text.replace(/null}$/, '');
		yield* output;
		yield '}';
	};
	await pipeline(pieces, response);
}
