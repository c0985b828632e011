import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { N8nClient } from '../sandbox/editor/client.cts';
import { startN8n } from '../sandbox/editor/server.cts';
import type { WorkflowFile } from '../sandbox/editor/workflowFile.cts';
import { forgetPeak, peakMiB, residentMiB } from '../test/support/processFigures.cts';
import type { Outcome } from './measure.cts';
import { START } from './pipelineWorkflows.cts';
import type { SandboxProcess } from './sandboxProcess.cts';

const LOOK_AGAIN_MS = 200;
const REQUEST_TIMEOUT_MS = 300_000;

/** What a workflow in a real n8n came to. */
export interface Execution {
	/** From the workflow's beginning until Dibby had the request, whole. */
	seconds: number;
	/** From the workflow's beginning to its end. */
	wholeSeconds: number;
	/** Peak memory of n8n's process above the least it had before any execution, as the system counts it. */
	extraMiB: number;
}

interface Listed {
	id: string;
	status: string;
	startedAt: string;
	stoppedAt: string | null;
}

/** A real n8n whose executions are measured. */
export interface N8nServer {
	client: N8nClient;
	/** Runs a workflow once. An n8n that did not come to an end in time is ended, and every later try fails. */
	execute: (workflow: WorkflowFile, seconds: number) => Promise<Outcome<Execution>>;
	stop: () => Promise<void>;
}

/**
 * Starts an n8n with the packed node in it.
 *
 * @param folder for everything that it writes; it may read files in there
 * @param env settings of this n8n
 */
export async function startN8nServer(
	folder: string,
	name: string,
	tarball: string,
	sandbox: SandboxProcess,
	env: Record<string, string>,
): Promise<N8nServer> {
	const n8n = await startN8n({
		userFolder: join(folder, name),
		packageTarball: tarball,
		env: {
			N8N_RESTRICT_FILE_ACCESS_TO: folder,
			// An error's message is read together with all data of its execution.
			EXECUTIONS_DATA_MAX_DISPLAY_SIZE: String(1024 ** 3),
			...env,
		},
	});
	const client = new N8nClient(n8n.url, REQUEST_TIMEOUT_MS);
	await client.logIn();
	// What an execution leaves behind must not count for the next one's beginning.
	let idle = Infinity;
	let gaveUp = false;

	/** The execution as the list has it: without its data, which can be as large as the document and more. */
	const listed = async (workflowId: string, id: string): Promise<Listed | undefined> => {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const found = await client.session.request<{ results: Listed[] }>(
			'GET',
			`/executions?filter=${filter}`,
		);
		return found.results.find((one) => one.id === id);
	};

	/** @returns the execution once it is over; undefined when it was not in time, or n8n is gone */
	const ended = async (workflowId: string, id: string, deadline: number) => {
		while (Date.now() < deadline) {
			// An n8n that evaluates a large expression answers nobody meanwhile.
			const patience = sleep(deadline - Date.now()).then(() => undefined);
			const found = await Promise.race([
				listed(workflowId, id).catch(() => undefined),
				n8n.ended.then(() => undefined),
				patience,
			]);
			if (found?.stoppedAt) return found;
			await sleep(LOOK_AGAIN_MS);
		}
		return undefined;
	};

	const execute = async (workflow: WorkflowFile, seconds: number): Promise<Outcome<Execution>> => {
		if (gaveUp) return { failed: 'n8n had to be ended before' };
		const { id: workflowId } = await client.createWorkflow(workflow);
		idle = Math.min(idle, residentMiB(n8n.pid));
		forgetPeak(n8n.pid);
		const began = Date.now();
		const id = await client.run(workflowId, START);
		const over = await ended(workflowId, id, began + seconds * 1000);
		if (over === undefined) {
			gaveUp = true;
			const extra = extraText();
			await n8n.stop();
			return { failed: `not over after ${seconds} s${extra}` };
		}
		const from = Date.parse(over.startedAt);
		const wholeSeconds = (Date.parse(over.stoppedAt ?? '') - from) / 1000;
		if (over.status !== 'success') {
			const why = `after ${wholeSeconds.toFixed(0)} s${extraText()}`;
			return { failed: `“${await message(id)}” ${why}` };
		}
		const extraMiB = peakMiB(n8n.pid) - idle;
		const { lastArrival } = await sandbox.look();
		return { seconds: (lastArrival - from) / 1000, wholeSeconds, extraMiB };
	};

	const extraText = () => {
		try {
			return `, ${(peakMiB(n8n.pid) - idle).toFixed(0)} extra MiB`;
		} catch {
			// The process is gone, and its memory with it.
			return '; n8n’s process had died';
		}
	};

	const message = async (id: string): Promise<string> => {
		try {
			const { data } = await client.execution(id);
			return data?.resultData.error?.message ?? 'an error without a message';
		} catch {
			// The data of a large execution can be more than n8n, or a string, can hold.
			return 'an error that n8n could not show';
		}
	};

	return {
		client,
		execute,
		stop: async () => await n8n.stop(),
	};
}
