import { readExample } from '../../sandbox/editor/examples.cts';
import { nodeItems } from '../../sandbox/editor/executionData.cts';
import type { WorkflowFile } from '../../sandbox/editor/workflowFile.cts';
import { until } from '../support/patience.cts';
import type { RealN8n } from './realN8n.cts';
import { pdf } from './sketches.cts';

/** Finds a node by its name. */
export function nodeOf(workflow: WorkflowFile, name: string) {
	const node = workflow.nodes.find((one) => one.name === name);
	if (node === undefined) throw new Error(`No node "${name}"`);
	return node;
}

/** Changes some of a node's parameters. */
export function setParameters(workflow: WorkflowFile, name: string, parameters: object): void {
	Object.assign(nodeOf(workflow, name).parameters, parameters);
}

/** Activates nodes that an example has for real use. */
export function activate(workflow: WorkflowFile, ...names: string[]): void {
	for (const name of names) nodeOf(workflow, name).disabled = false;
}

/** What a user does with the examples. */
export class ExampleUser {
	constructor(private readonly real: RealN8n) {}

	/** Imports an example, chooses the credential, and pastes the URL. */
	async importExample(name: string, change: (workflow: WorkflowFile) => void = () => {}) {
		const workflow = readExample(name, this.real.credential);
		change(workflow);
		return await this.real.client.createWorkflow(workflow);
	}

	/** Executes a workflow from a trigger, and counts the runs it started. */
	async execute(workflowId: string, trigger = 'Test Workflow') {
		const before = this.real.sandbox.runs.size;
		const id = await this.real.client.run(workflowId, trigger);
		const { data, status } = await this.real.client.waitForExecution(id);
		const { error, runData = {} } = data?.resultData ?? {};
		return {
			status,
			error: error?.message,
			executed: Object.keys(runData),
			json: (node: string) => nodeItems({ data }, node).map((item) => item.json),
			binary: (node: string) => nodeItems({ data }, node).map((item) => item.binary),
			runs: this.real.sandbox.runs.size - before,
		};
	}

	async newestExecution(workflowId: string): Promise<string> {
		return (await this.real.client.executions(workflowId))[0]?.id ?? '';
	}

	/** Submits a published form, and opens the page that follows like a browser does. */
	async submitForm(workflowId: string, path: string, file: Buffer) {
		const response = await this.real.client.upload(path, [pdf('field-0', file)], {}, 'form');
		const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
		const execution = await this.newestExecution(workflowId);
		await this.real.client.waitForExecution(execution, 60_000, ['waiting']);
		const page = await (await fetch(formWaitingUrl)).text();
		// The page sends this on its own, and the execution continues.
		await fetch(formWaitingUrl, { method: 'POST' });
		return { page, ...(await this.real.client.waitForExecution(execution)) };
	}

	/** Waits for a run of the sandbox that was started last and waits for a person. */
	async pendingRun(): Promise<string> {
		const { sandbox } = this.real;
		const isPolled = (id: string) => (sandbox.runs.get(id)?.polls ?? 0) >= 2;
		return await until(() => sandbox.waiting().find(isPolled));
	}
}
