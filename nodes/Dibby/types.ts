import type { IExecutePaginationFunctions, IHttpRequestOptions } from 'n8n-workflow';

/**
 * What newer versions of n8n have beside what the types of the oldest supported one know, so that the node is
 * correct for the type checker with each of them. Everything here may be missing when the node runs.
 */
interface NewerContext {
	/** The file storage that the workflow is set to. */
	getWorkflowSettings?: () => { binaryMode?: string };
	/** What n8n shows with an execution, and lets people filter by. */
	customData?: { set: (key: string, value: string) => void };
	/** The types don't name it in any version: text for the browser's console in a manual run. */
	sendMessageToUI?: (message: string) => void;
}

/** What n8n's engine gives to the node's hooks, one for each item. */
export type ItemContext = NewerContext & IExecutePaginationFunctions;

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

/** A file of the incoming item, not yet read. */
export interface DibbyDocument {
	/** E.g. `application/pdf`. */
	mediaType: string;
	/** For messages only; Dibby is not told. */
	fileName?: string;
	/** Exact size of the file, in bytes. */
	bytes: number;
	/** Where the content is: n8n's binary storage, by its ID, or the item itself, already base64. */
	content: { storageId: string } | { base64: string };
}

/** A key of the request's `inputs`, in the order in which it is sent. */
export interface RunInput {
	name: string;
	/** The kind of value, for messages: string, number, boolean, array, object, null. */
	kind: string;
	/** The value as JSON text, or the documents that become data URIs. */
	value: { json: string } | { document: DibbyDocument } | { documents: DibbyDocument[] };
}
