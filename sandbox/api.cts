import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { receiveDocuments, ReceivedDocument } from './document.cts';
import { refuse } from './reply.cts';
import type { Reply } from './reply.cts';
import type { Run, Runs } from './runs.cts';
import { inputsProblem } from './startNode.cts';
import type { RecordedRequest, SandboxOptions } from './types.cts';
import { WORKFLOWS } from './workflows.cts';

/** Dibby's two documented calls: start a run, and get a run. */
export class Api {
	constructor(
		private readonly runs: Runs,
		private readonly options: SandboxOptions,
	) {}

	/** @throws if the connection is lost */
	async respond(request: IncomingMessage, record: RecordedRequest): Promise<Reply> {
		const { method, path, authorized } = record;
		if (!authorized) {
			request.resume();
			return refuse(401, 'The token is missing or wrong');
		}
		const runId = /^\/api\/runs\/([^/]+)$/.exec(path)?.[1];
		if (method === 'GET' && runId !== undefined) return await this.getRun(runId);
		if (method !== 'POST' || path !== '/api/runs')
			return refuse(404, 'There is nothing at this address');
		// To its end, even if it's invalid, because a client that still sends doesn't read the response.
		const body = await buffer(request);
		if (this.options.keepBodies) record.rawBody = body.toString('utf8');
		let json: unknown;
		try {
			const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
			json = receiveDocuments(JSON.parse(text));
		} catch (error) {
			return refuse(400, `The body can't be read: ${(error as Error).message}`);
		}
		return this.startRun(json);
	}

	private async getRun(encodedId: string): Promise<Reply> {
		const runId = decoded(encodedId);
		if (runId === undefined) return refuse(400, "The run's ID has an escape that is none");
		const run = await this.runs.poll(runId);
		return run ? this.replyWith(200, run) : refuse(404, 'There is no such run');
	}

	private startRun(json: unknown): Reply {
		if (!isObject(json)) return refuse(400, 'The body must be an object');
		const given = ['workflowId', 'worfklowId'].find((key) => Object.hasOwn(json, key));
		if (given === undefined) return refuse(400, 'The body must have the key workflowId');
		const workflowId = json[given];
		if (typeof workflowId !== 'string') return refuse(400, `The ${given} must be a string`);
		const workflow = Object.values(WORKFLOWS).find(({ id }) => id === workflowId);
		if (workflow === undefined) return refuse(404, 'There is no such workflow');
		const key = workflow.key ?? 'workflowId';
		if (!Object.hasOwn(json, key)) return refuse(400, `The body must have the key ${key}`);
		const { inputs } = json;
		if (!isObject(inputs)) return refuse(400, 'The inputs must be an object');
		const problem = inputsProblem(workflow, inputs);
		if (problem !== undefined) return refuse(400, problem);
		return this.replyWith(201, this.runs.start(workflow, inputs));
	}

	private replyWith(status: number, run: Run): Reply {
		const { fields, output } = this.runs.describe(run);
		if (typeof output !== 'function') return { status, body: { ...fields, output } };
		const pieces = output as () => Generator<string>;
		return { status, body: { ...fields, output: null }, output: pieces() };
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return (
		typeof value === 'object' &&
		value !== null &&
		!Array.isArray(value) &&
		!(value instanceof ReceivedDocument)
	);
}

function decoded(part: string): string | undefined {
	try {
		return decodeURIComponent(part);
	} catch {
		return undefined;
	}
}
