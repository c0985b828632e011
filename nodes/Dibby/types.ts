import type {
	IExecuteFunctions,
	IExecutePaginationFunctions,
	IHttpRequestOptions,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

/**
 * What newer versions of n8n have beside what the types of the oldest supported one know, so that the node is
 * correct for the type checker with each of them. Everything here may be missing when the node runs.
 */
interface NewerContext {
	/** The workflow's settings, such as its file storage, and its time-out in seconds. */
	getWorkflowSettings?: () => { binaryMode?: string; executionTimeout?: number };
	/** What n8n shows with an execution, and lets people filter by. */
	customData?: {
		set: (key: string, value: string) => void;
		getAll: () => Record<string, string>;
	};
	/** The types don't name it in any version: text for the browser's console in a manual run. */
	sendMessageToUI?: (message: string) => void;
	/** As Execute Sub-workflow uses it; the types name it for nodes with an `execute` method only. */
	executeWorkflow?: IExecuteFunctions['executeWorkflow'];
	putExecutionToWait?: IExecuteFunctions['putExecutionToWait'];
	/** When n8n is going to end the execution, as a date, and its credentials as they are stored. */
	additionalData?: IWorkflowExecuteAdditionalData;
	/** Since n8n 2.33: by this, an n8n is recognised that wakes a sleeping node as it must (tried with 2.33.2). */
	onExecutionFinish?: unknown;
}

/** What n8n's engine gives to the node's hooks, one for each item. */
export type ItemContext = NewerContext & IExecutePaginationFunctions;

/** The part of it that works the same wherever a node is called from: storage, requests, the log, the stop signal. */
export type N8nServices = Pick<
	ItemContext,
	'helpers' | 'logger' | 'getExecutionCancelSignal' | 'sendMessageToUI' | 'getWorkflowSettings'
>;

/** The request as n8n's engine prepared it: base URL, time-out, proxy, certificates. The node's own requests are copies. */
export type RequestTemplate = IHttpRequestOptions & {
	/** Newer versions of n8n only; older ones never send a credential along. */
	sendCredentialsOnCrossOriginRedirect?: boolean;
};

/**
 * A run as Dibby reports it. Only `id` is relied on; everything else is handed on as it came.
 * `status` is documented as PENDING, RUNNING, FINISHED or FAILED.
 */
export interface DibbyRun {
	id: string;
	status?: unknown;
	steps?: unknown;
	stepsCompleted?: unknown;
	output?: unknown;
	[key: string]: unknown;
}

/** FINISHED and FAILED are final. Any other status, also one that is not documented, counts as still running. */
export function isOver({ status }: DibbyRun): boolean {
	return status === 'FINISHED' || status === 'FAILED';
}

/** A file of the incoming item, not yet read. */
export interface DibbyDocument {
	/** E.g. `application/pdf`. */
	mediaType: string;
	/** Exact size of the file, in bytes. */
	bytes: number;
	/** Where the content is: n8n's binary storage, by its ID, or the item itself, already base64. */
	content: { storageId: string } | { base64: string };
}

/** A key of the request's `inputs`, in the order in which it is sent. */
export interface RunInput {
	name: string;
	/** The kind of value, for messages: string, number, boolean, array, object, document. */
	kind: string;
	/** The value as JSON text, or the documents that become data URIs. */
	value: { json: string } | { document: DibbyDocument } | { documents: DibbyDocument[] };
}

/** A run to start: which workflow, with which inputs. */
export interface RunRequest {
	workflowId: string;
	inputs: RunInput[];
}

/** Where the run's ID is in an item that is the workflow's output. */
export const RUN_ID_FIELD = 'dibbyRunId';

/** What is to happen with a run once it is known, as the user chose. */
export interface Completion {
	/** Whether to wait until the run is over. */
	waits: boolean;
	/** Whether n8n puts the execution to sleep while it waits. */
	sleeps: boolean;
	/** False in an agent's tool, which has no such choice. */
	canSleep: boolean;
	/** The longest to wait, in milliseconds; Infinity when the node does not wait. */
	timeLimitMs: number;
	/** The user's own pause between two polls, in milliseconds; 0 for automatic. */
	pollIntervalMs: number;
	whenRunFails: 'error' | 'return';
	whenTimeRunsOut: 'error' | 'return';
	/** What the workflow's Result Node gives, once there is something, with the run's ID beside it. */
	outputOnly: boolean;
	/** Documents in the result become binary fields. */
	documentsAsFiles: boolean;
	/** How many requests of the node may be under way at the same time. */
	requestsAtOnce: number;
	/** The most characters of a result that an agent gets; 0 for no limit. */
	agentAnswerLimit: number;
	/** The page of the workflow in Dibby, where its runs can be looked at; absent when only its ID is known. */
	workflowPage?: string;
}
