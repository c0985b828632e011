import type { ExecutionStatus, WorkflowExecuteMode } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Execution, readExecutionData } from './executionData.cts';
import { N8nError, RestSession } from './http.cts';
import type { WorkflowFile } from './workflowFile.cts';

/** The one who owns the n8n of the sandbox: no secret, it listens on this machine only. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Sandbox-1-owner',
	firstName: 'Sandbox',
	lastName: 'Owner',
};

const LOOK_AGAIN_MS = 50;
const PUBLISH_TIMEOUT_MS = 120_000;
const ENDED: ExecutionStatus[] = ['success', 'error', 'canceled', 'crashed'];

export interface StoredCredential {
	id: string;
	name: string;
	type: string;
}

export interface StoredWorkflow extends WorkflowFile {
	id: string;
	versionId: string;
	active: boolean;
}

interface ListedExecution {
	id: string;
	status: ExecutionStatus;
	mode: WorkflowExecuteMode;
}

interface Publication {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	triggers: Array<{ errorMessage: string | null }>;
}

/** What the editor asks of n8n, without the editor. */
export class N8nClient {
	readonly session: RestSession;

	/** @param timeoutMs for each request; loading an execution with very large data takes minutes */
	constructor(
		readonly url: string,
		timeoutMs?: number,
	) {
		this.session = new RestSession(url, timeoutMs);
	}

	/** Logs the owner in; makes the owner first where the instance is new. */
	async logIn(owner = OWNER): Promise<void> {
		const login = { emailOrLdapLoginId: owner.email, password: owner.password };
		try {
			await this.session.request('POST', '/login', login);
		} catch (error) {
			if (!(error instanceof N8nError && error.status === 401)) throw error;
			await this.session.request('POST', '/owner/setup', owner);
			await this.session.request('POST', '/login', login);
		}
	}

	async createCredential(name: string, type: string, data: object): Promise<StoredCredential> {
		return await this.session.request('POST', '/credentials', { name, type, data });
	}

	/** Makes a credential, or gives the one of that name and type new data. */
	async putCredential(name: string, type: string, data: object): Promise<StoredCredential> {
		const all = await this.session.request<StoredCredential[]>('GET', '/credentials');
		const known = all.find((one) => one.name === name && one.type === type);
		if (!known) return await this.createCredential(name, type, data);
		return await this.session.request('PATCH', `/credentials/${known.id}`, { name, type, data });
	}

	/** n8n's own test of a stored credential: `status` is `OK` or `Error`. */
	async testCredential(
		credential: StoredCredential,
		data: object,
	): Promise<{ status: 'OK' | 'Error'; message: string }> {
		return await this.session.request('POST', '/credentials/test', {
			credentials: { ...credential, data },
		});
	}

	async createWorkflow(workflow: WorkflowFile): Promise<StoredWorkflow> {
		// As the editor does: without it, n8n can't execute a single step after the first execution.
		const empty = { settings: {}, pinData: {} };
		return await this.session.request('POST', '/workflows', { ...empty, ...workflow });
	}

	async updateWorkflow(id: string, workflow: Partial<WorkflowFile>): Promise<StoredWorkflow> {
		return await this.session.request('PATCH', `/workflows/${id}`, workflow);
	}

	async getWorkflow(id: string): Promise<StoredWorkflow> {
		return await this.session.request('GET', `/workflows/${id}`);
	}

	/**
	 * Publishes a workflow and resolves when its webhooks, forms and triggers work.
	 * @throws {Error} a trigger could not be started
	 */
	async activate({ id, versionId }: StoredWorkflow): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/activate`, { versionId });
		const deadline = Date.now() + PUBLISH_TIMEOUT_MS;
		for (;;) {
			const { status, triggers } = await this.publication(id);
			if (status === 'published') return;
			if (status === 'failed' || status === 'partial' || Date.now() > deadline) {
				const why = triggers.map((one) => one.errorMessage).filter(Boolean);
				throw new Error(`Workflow ${id} could not be published (${status}): ${why.join('; ')}`);
			}
			await sleep(LOOK_AGAIN_MS);
		}
	}

	/** n8n 2 answers a publication before its triggers run; an n8n that knows no such status waits itself. */
	private async publication(id: string): Promise<Publication> {
		try {
			return await this.session.request('GET', `/workflows/${id}/publication-status`);
		} catch (error) {
			if (error instanceof N8nError && error.status === 404)
				return { status: 'published', triggers: [] };
			throw error;
		}
	}

	async deactivate(id: string): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Runs a workflow as a click on Execute does, from one trigger node. Resolves with the execution's ID. */
	async run(workflowId: string, trigger: string): Promise<string> {
		const started = await this.session.request<{ executionId?: string }>(
			'POST',
			`/workflows/${workflowId}/run`,
			{ workflowId, startNodes: [], triggerToStartFrom: { name: trigger } },
		);
		if (started.executionId) return started.executionId;
		throw new Error(`The trigger "${trigger}" waits for a call; publish the workflow and call it.`);
	}

	async execution(id: string): Promise<Execution> {
		const stored = await this.session.request<{ status: ExecutionStatus; data?: string }>(
			'GET',
			`/executions/${id}`,
		);
		const data = stored.data ? readExecutionData(stored.data) : undefined;
		return { id, status: stored.status, ...(data ? { data } : {}) };
	}

	/** The newest executions of a workflow, newest first. */
	async executions(workflowId: string): Promise<ListedExecution[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.session.request<{ results: ListedExecution[] }>(
			'GET',
			`/executions?filter=${filter}`,
		);
		return results;
	}

	/**
	 * Resolves with an execution that has ended, or has reached one of the given statuses (`waiting`, say).
	 * @throws {Error} it has not within `timeoutMs`
	 */
	async waitForExecution(
		id: string,
		timeoutMs = 240_000,
		until: ExecutionStatus[] = ENDED,
	): Promise<Execution> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const found = await this.execution(id);
			if (until.includes(found.status) || ENDED.includes(found.status)) return found;
			if (Date.now() > deadline) {
				throw new Error(`Execution ${id} is still ${found.status} after ${timeoutMs / 1000} s.`);
			}
			await sleep(LOOK_AGAIN_MS);
		}
	}

	async stopExecution(id: string): Promise<void> {
		await this.session.request('POST', `/executions/${id}/stop`, {});
	}

	/** Calls the production URL of a published webhook or form, as anyone outside would. */
	async call(
		path: string,
		init: RequestInit = {},
		kind: 'webhook' | 'form' = 'webhook',
	): Promise<Response> {
		return await fetch(`${this.url}/${kind}/${path}`, init);
	}

	/** Sends files and fields as a browser's form does (multipart). */
	async upload(
		path: string,
		files: Array<{ field: string; name: string; type: string; bytes: Uint8Array }>,
		fields: Record<string, string> = {},
		kind: 'webhook' | 'form' = 'webhook',
	): Promise<Response> {
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.append(name, value);
		for (const { field, name, type, bytes } of files) {
			body.append(field, new Blob([bytes], { type }), name);
		}
		return await this.call(path, { method: 'POST', body }, kind);
	}
}
