import type { ExecutionStatus, WorkflowExecuteMode } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Execution, readExecutionData } from './executionData.cts';
import { N8nError, RestSession } from './http.cts';
import type { WorkflowFile } from './workflowFile.cts';

/** The owner of every n8n that's started here. Not a secret: it listens on this machine only. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Sandbox-1-owner',
	firstName: 'Sandbox',
	lastName: 'Owner',
};

const POLL_MS = 50;
const PUBLISH_TIMEOUT_MS = 120_000;
const ENDED: ExecutionStatus[] = ['success', 'error', 'canceled', 'crashed'];

export type StoredCredential = { id: string; name: string; type: string };

export interface StoredWorkflow extends WorkflowFile {
	id: string;
	versionId: string;
	active: boolean;
}

type ListedExecution = { id: string; status: ExecutionStatus; mode: WorkflowExecuteMode };
type Entrance = 'webhook' | 'form';

interface Publication {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	triggers: Array<{ errorMessage: string | null }>;
}

/** What the editor does over n8n's REST API. */
export class N8nClient {
	readonly session: RestSession;

	/** @param timeoutMs for each request */
	constructor(
		readonly url: string,
		timeoutMs?: number,
	) {
		this.session = new RestSession(url, timeoutMs);
	}

	/** Logs in as the owner, and creates the owner first on a new n8n. */
	async logIn(): Promise<void> {
		const login = { emailOrLdapLoginId: OWNER.email, password: OWNER.password };
		try {
			await this.session.request('POST', '/login', login);
		} catch (error) {
			if (!(error instanceof N8nError && error.status === 401)) throw error;
			await this.session.request('POST', '/owner/setup', OWNER);
			await this.session.request('POST', '/login', login);
		}
	}

	async createCredential(name: string, type: string, data: object): Promise<StoredCredential> {
		return await this.session.request('POST', '/credentials', { name, type, data });
	}

	/** Creates a credential, or changes the one with that name and type. */
	async putCredential(name: string, type: string, data: object): Promise<StoredCredential> {
		const all = await this.session.request<StoredCredential[]>('GET', '/credentials');
		const known = all.find((one) => one.name === name && one.type === type);
		if (!known) return await this.createCredential(name, type, data);
		return await this.session.request('PATCH', `/credentials/${known.id}`, { name, type, data });
	}

	async workflows(): Promise<StoredWorkflow[]> {
		return await this.session.request('GET', '/workflows');
	}

	async createWorkflow(workflow: WorkflowFile): Promise<StoredWorkflow> {
		// Without these, n8n can't execute a single node after the first execution.
		const empty = { settings: {}, pinData: {} };
		return await this.session.request('POST', '/workflows', { ...empty, ...workflow });
	}

	async updateWorkflow(id: string, workflow: Partial<WorkflowFile>): Promise<StoredWorkflow> {
		return await this.session.request('PATCH', `/workflows/${id}`, workflow);
	}

	/**
	 * Publishes a workflow and waits until its webhooks, forms, and triggers work.
	 *
	 * @throws {Error} if a trigger could not be started
	 */
	async activate({ id, versionId }: StoredWorkflow): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/activate`, { versionId });
		for (const deadline = Date.now() + PUBLISH_TIMEOUT_MS; ; await sleep(POLL_MS)) {
			const { status, triggers } = await this.publication(id);
			if (status === 'published') return;
			if (status === 'failed' || status === 'partial' || Date.now() > deadline) {
				const errors = triggers.map(({ errorMessage }) => errorMessage).join('; ');
				throw new Error(`Workflow ${id} could not be published (${status}): ${errors}`);
			}
		}
	}

	/** n8n 2 responds before the triggers are started; earlier versions don't have this status. */
	private async publication(id: string): Promise<Publication> {
		try {
			return await this.session.request('GET', `/workflows/${id}/publication-status`);
		} catch (error) {
			if (!(error instanceof N8nError && error.status === 404)) throw error;
			return { status: 'published', triggers: [] };
		}
	}

	async deactivate(id: string): Promise<void> {
		await this.session.request('POST', `/workflows/${id}/deactivate`, {});
	}

	/**
	 * Executes a workflow from a trigger node, like a click on Execute.
	 *
	 * @returns the execution's ID
	 */
	async run(workflowId: string, trigger: string): Promise<string> {
		const start = { workflowId, startNodes: [], triggerToStartFrom: { name: trigger } };
		type Started = { executionId?: string };
		const path = `/workflows/${workflowId}/run`;
		const { executionId } = await this.session.request<Started>('POST', path, start);
		if (executionId === undefined) throw new Error(`The trigger "${trigger}" waits for a call.`);
		return executionId;
	}

	async execution(id: string): Promise<Execution> {
		type Stored = { status: ExecutionStatus; data?: string };
		const { status, data } = await this.session.request<Stored>('GET', `/executions/${id}`);
		return { id, status, ...(data ? { data: readExecutionData(data) } : {}) };
	}

	/** The newest executions of a workflow, newest first. */
	async executions(workflowId: string): Promise<ListedExecution[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const path = `/executions?filter=${filter}`;
		return (await this.session.request<{ results: ListedExecution[] }>('GET', path)).results;
	}

	/**
	 * Waits until an execution has ended, or has one of the given statuses.
	 *
	 * @throws {Error} after `timeoutMs`
	 */
	async waitForExecution(
		id: string,
		timeoutMs = 240_000,
		until: ExecutionStatus[] = [],
	): Promise<Execution> {
		for (const deadline = Date.now() + timeoutMs; ; await sleep(POLL_MS)) {
			const found = await this.execution(id);
			if ([...ENDED, ...until].includes(found.status)) return found;
			if (Date.now() > deadline) {
				throw new Error(`Execution ${id} is still ${found.status} after ${timeoutMs / 1000} s.`);
			}
		}
	}

	async stopExecution(id: string): Promise<void> {
		await this.session.request('POST', `/executions/${id}/stop`, {});
	}

	/** Calls the production URL of a published webhook or form. */
	async call(path: string, init: RequestInit = {}, kind: Entrance = 'webhook'): Promise<Response> {
		return await fetch(`${this.url}/${kind}/${path}`, init);
	}

	/** Uploads files and fields like a browser's form. */
	async upload(
		path: string,
		files: Array<{ field: string; name: string; type: string; bytes: Uint8Array }>,
		fields: Record<string, string> = {},
		kind: Entrance = 'webhook',
	): Promise<Response> {
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.append(name, value);
		for (const { field, name, type, bytes } of files) {
			body.append(field, new Blob([bytes], { type }), name);
		}
		return await this.call(path, { method: 'POST', body }, kind);
	}
}
