import { randomUUID } from 'node:crypto';

import { useBinaryMode } from './n8n.cts';
import type { BinaryMode } from './n8n.cts';

import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import type { IConnections, ICredentialDataDecryptedObject, INode } from 'n8n-workflow';
import type { INodeExecutionData, INodeParameters, INodeType, IRun } from 'n8n-workflow';
import type { IRunExecutionData, IWorkflowBase, IWorkflowSettings } from 'n8n-workflow';
import type { IWorkflowExecuteAdditionalData } from 'n8n-workflow';
import { createRunExecutionData, Workflow } from 'n8n-workflow';

import { credentialsInMemory } from './credentials.cts';
import { loadPackage } from './dibbyPackage.cts';
import { NodeTypes } from './nodeTypes.cts';

/** Which Dibby the node talks to, and how n8n is set up around it. */
export interface EngineOptions {
	token: string;
	baseUrl: string;
	binaryMode?: BinaryMode;
	/** What n8n's database holds of the credential, each time that it is read; token and base URL when left out. */
	credential?: () => ICredentialDataDecryptedObject;
	/** Node types beside those that test workflows are made of. */
	more?: Record<string, INodeType>;
	/** What n8n does with a sub-workflow, and the types of its own nodes; without it, there are none. */
	subWorkflows?: {
		execute: IWorkflowExecuteAdditionalData['executeWorkflow'];
		nodeTypes: string[];
	};
}

/** One node of a straight test workflow: trigger, then these in their order. */
export type Step = Partial<INode> & { type: string; parameters?: INodeParameters };

type ContextData = NonNullable<IRunExecutionData['executionData']>['contextData'];

/** A run in progress. */
export interface Running {
	cancel: () => void;
	/** What n8n would find after a restart if it was killed now. */
	contextData: () => ContextData;
}

/** How to run a workflow, and the items to start it with. */
export interface Job {
	items?: INodeExecutionData[];
	/** The items of each round, to execute the nodes several times, as a loop does. */
	rounds?: INodeExecutionData[][];
	settings?: IWorkflowSettings;
	/** Called with the run in progress, e.g. to cancel it. */
	onStart?: (execution: Running) => void;
	/** The stored data of an earlier execution, to run on from, as Retry does. */
	contextData?: ContextData;
	executionId?: string;
	/** When n8n is going to end the execution, as a date. */
	timesOutAt?: number;
	/** Gets what nodes say to the one who runs the workflow in the editor. */
	onMessage?: (message: unknown) => void;
	/** Called when the engine begins and ends a node. */
	onNode?: (event: 'start' | 'end', name: string) => void;
}

/** What came of a job. */
export interface JobResult {
	run: IRun;
	/** The last step's output items; empty when it gave none. The run's ID that the node puts beside an output is in `runIds`. */
	items: INodeExecutionData[];
	/** For each of these items, the ID that stood beside the workflow's output. */
	runIds: unknown[];
	/** The items of the error output, where a step has one. */
	errorItems: INodeExecutionData[];
	error?: { message: string; description?: string; [key: string]: unknown };
	/** Everything that n8n would store of the execution, as text, to search for what must not be there. */
	readonly stored: string;
}

/** n8n's engine with the compiled Dibby node in it. */
export interface Engine {
	run: (steps: Step | Step[], job?: Job) => Promise<JobResult>;
}

/** Loads the compiled package into n8n-core's engine, as n8n's server does, without its database and its editor. */
export async function startEngine({
	token,
	baseUrl,
	binaryMode = 'filesystem',
	more = {},
	subWorkflows,
	credential: stored = () => ({ token, baseUrl }),
}: EngineOptions): Promise<Engine> {
	const { node, credential } = await loadPackage();
	await useBinaryMode(binaryMode);
	const nodeTypes = new NodeTypes(node, more, subWorkflows?.nodeTypes);
	const credentialsHelper = credentialsInMemory(credential, stored);

	const run: Engine['run'] = async (steps, job = {}) => {
		const nodes = toNodes([steps].flat());
		const base = { id: 'test', name: 'Test', active: false, nodes, connections: chain(nodes) };
		const workflow = new Workflow({ ...base, nodeTypes, settings: job.settings });
		const executionId = job.executionId ?? randomUUID();
		const hooks = new ExecutionLifecycleHooks('manual', executionId, base as IWorkflowBase);
		hooks.addHandler('nodeExecuteBefore', async (name) => job.onNode?.('start', name));
		hooks.addHandler('nodeExecuteAfter', async (name) => job.onNode?.('end', name));
		const additionalData = {
			credentialsHelper,
			hooks,
			executionId,
			restApiUrl: 'http://localhost:5678/rest',
			instanceBaseUrl: 'http://localhost:5678',
			webhookWaitingBaseUrl: 'http://localhost:5678/webhook-waiting',
			formWaitingBaseUrl: 'http://localhost:5678/form-waiting',
			variables: {},
			executeWorkflow: subWorkflows?.execute,
			executionTimeoutTimestamp: job.timesOutAt,
			sendDataToUI: (_type: string, data: unknown) => job.onMessage?.(data),
			currentNodeExecutionIndex: 0,
		} as unknown as IWorkflowExecuteAdditionalData;
		const [trigger] = nodes;
		const rounds = job.rounds ?? [job.items ?? [{ json: {} }]];
		const execution = createRunExecutionData({
			executionData: {
				contextData: job.contextData ?? {},
				nodeExecutionStack: rounds.map((items) => {
					return { node: trigger as INode, data: { main: [items] }, source: null };
				}),
			},
		});
		const execute = new WorkflowExecute(additionalData, 'manual', execution);
		const running = execute.processRunExecutionData(workflow);
		const { contextData = {} } = execution.executionData ?? {};
		job.onStart?.({
			cancel: () => running.cancel(),
			contextData: () => structuredClone(contextData),
		});
		const result = await running;
		return summarize(result, nodes);
	};
	return { run };
}

function toNodes(steps: Step[]): INode[] {
	const all: Step[] = [{ type: 'manualTrigger', name: 'Manual Trigger' }, ...steps];
	const credentials = { dibbyApi: { id: '1', name: 'Dibby account' } };
	return all.map((step, index) => ({
		id: String(index),
		typeVersion: 1,
		position: [index * 200, 0],
		parameters: {},
		...step,
		name: step.name ?? (step.type === 'dibby' ? 'Dibby' : `${step.type} ${index}`),
		...(/^dibby/.test(step.type) ? { credentials } : {}),
	}));
}

function chain(nodes: INode[]): IConnections {
	const connections: IConnections = {};
	nodes.slice(1).forEach(({ name }, index) => {
		const before = nodes[index]?.name ?? '';
		connections[before] = { main: [[{ node: name, type: 'main', index: 0 }]] };
	});
	return connections;
}

function summarize(run: IRun, nodes: INode[]): JobResult {
	const { resultData } = run.data;
	const last = nodes.at(-1)?.name ?? '';
	const outputs = resultData.runData[last]?.at(-1)?.data?.main ?? [];
	const items = outputs[0] ?? [];
	return {
		run,
		items: items.map(withoutRunId),
		runIds: items.map(({ json }) => json.dibbyRunId),
		errorItems: outputs[1] ?? [],
		error: resultData.error as JobResult['error'],
		get stored() {
			return JSON.stringify(run.data, leaveOutCycles()) + String(resultData.error?.stack ?? '');
		},
	};
}

function withoutRunId(item: INodeExecutionData): INodeExecutionData {
	if (!Object.hasOwn(item.json, 'dibbyRunId')) return item;
	const json = { ...item.json };
	delete json.dibbyRunId;
	return { ...item, json };
}

function leaveOutCycles() {
	const seen = new WeakSet<object>();
	return (_key: string, value: unknown) => {
		if (typeof value !== 'object' || value === null) return value;
		if (seen.has(value)) return undefined;
		seen.add(value);
		return value;
	};
}
