import type { IExecuteFunctions, IExecuteSingleFunctions, INodeExecutionData } from 'n8n-workflow';

/**
 * What n8n offers a node for one item. For a node execution it is made from n8n's context for all items
 * (`execution/task.ts`); AI Agents up to version 2 pass one in themselves.
 */
export type ItemContext = IExecuteSingleFunctions &
	// Text for the browser's console in a manual execution. n8n's types name it for all items only.
	Partial<Pick<IExecuteFunctions, 'sendMessageToUI'>>;

/** The part of it that doesn't depend on the item: storage, the log, and the workflow's settings. */
export type N8nServices = Pick<ItemContext, 'helpers' | 'logger' | 'getWorkflowSettings'>;

/** Whether the workflow keeps files among an item's fields ("combined" binary mode). n8n 1.x has no such setting. */
export function keepsFilesInJson(context: Pick<ItemContext, 'getWorkflowSettings'>): boolean {
	return (context.getWorkflowSettings() as { binaryMode?: string }).binaryMode === 'combined';
}

/**
 * A run as Dibby reports it. Only `id` is required; the other fields are passed on unchanged.
 * The documented values of `status` are PENDING, RUNNING, FINISHED, and FAILED.
 */
export interface DibbyRun {
	id: string;
	status?: unknown;
	steps?: unknown;
	stepsCompleted?: unknown;
	output?: unknown;
	[key: string]: unknown;
}

/** Tells a run from other JSON: it has an ID. */
export function isRun(json: unknown): json is DibbyRun {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
	const { id } = json as { id?: unknown };
	return typeof id === 'string' && id !== '';
}

/** Whether a run has ended. An undocumented status counts as still running. */
export function hasEnded({ status }: Pick<DibbyRun, 'status'>): boolean {
	return status === 'FINISHED' || status === 'FAILED';
}

/** A file of the incoming item that hasn't been read yet. */
export interface DibbyDocument {
	/** For example `application/pdf`. */
	mediaType: string;
	/** The file's exact size, in bytes. */
	bytes: number;
	/** The ID in n8n's binary storage, or the content itself where n8n keeps files in memory. */
	content: { storageId: string } | { base64: string };
}

/** An input of a run, in the order in which it is sent. */
export interface RunInput {
	name: string;
	/** The kind of value, for messages: string, number, boolean, array, object, document. */
	kind: string;
	/**
	 * The value as JSON text, or the documents that become data URIs. Inputs that the user wrote as one JSON text are
	 * sent as written: the first has the text between the braces in `members`, the others have no value.
	 */
	value?:
		| { json: string }
		| { members: string }
		| { document: DibbyDocument }
		| { documents: DibbyDocument[] };
}

/** A run to start. */
export interface RunRequest {
	workflowId: string;
	inputs: RunInput[];
	/** The item's binary fields that no row of 'Documents' sends, for the advice if Dibby rejects the inputs. */
	unsentFiles?: string[];
}

/** What to keep of the incoming item next to the result. */
export interface Source {
	item: Pick<INodeExecutionData, 'json' | 'binary'>;
	keep: 'json' | 'binary' | 'both';
}

/** The field of an output item that contains the run's ID. */
export const RUN_ID_FIELD = 'dibbyRunId';

/** What the user wants to happen after a run has started. */
export interface Completion {
	/** Whether to wait until the run has ended. */
	waits: boolean;
	/** Whether n8n puts the execution to sleep in the meantime. */
	sleeps: boolean;
	/** In milliseconds; Infinity if the node doesn't wait. */
	timeLimitMs: number;
	/** The user's own pause between two polls, in milliseconds; 0 for automatic. */
	pollIntervalMs: number;
	whenRunFails: 'error' | 'return';
	whenTimeRunsOut: 'error' | 'return';
	/** Whether to output the Result Node's data instead of the whole run, once there is any. */
	outputOnly: boolean;
	/** The only fields of the Result Node's data to output, if the user chose some. */
	outputFields?: string[];
	/** What to keep of the incoming item next to the result. */
	keepSource?: Source['keep'];
	/** Whether documents in the result become binary fields. */
	documentsAsFiles: boolean;
	/** The maximum number of requests that this node sends at the same time. */
	maxParallelRequests: number;
	/** The maximum length of a result for an AI Agent, in characters; 0 for no limit. */
	maxAgentResult: number;
	/** The workflow's page in Dibby, if the user entered its URL. */
	workflowPage?: string;
}
