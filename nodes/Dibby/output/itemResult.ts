import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { ApplicationError, BaseError } from 'n8n-workflow';

import type { Redactor } from '../api/redact';
import type { Connection } from '../api/request';
import { failedRunError, timeLimitError } from '../api/runErrors';
import { MAX_FILES } from '../dataUri';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { FILES_IN_JSON } from '../input/files';
import { hasEnded, keepsFilesInJson, RUN_ID_FIELD } from '../types';
import type { Completion, DibbyRun, Source } from '../types';
import { storeDocuments } from './binaryFiles';

/** How a run came about, for the advice in an error. */
export interface RunOrigin {
	/** Whether this node started the run; if not, the user gave its ID. */
	isStartedHere: boolean;
	isToolCall: boolean;
	source?: Source;
	/** Why the last attempt to get the run failed. */
	problem?: string;
}

/**
 * Turns a run into the item that the next node receives, or into the error that the user chose for a run that failed or
 * didn't end in time. A run without an output is returned as a whole, even if only the output is wanted.
 *
 * @throws DibbyError for such a run, or if n8n can't handle the result; errors from n8n's storage
 */
export async function itemOfRun(
	{ context, credential, documents }: Connection,
	run: DibbyRun,
	itemIndex: number,
	completion: Completion,
	origin: RunOrigin,
): Promise<INodeExecutionData> {
	const { waits, whenRunFails, whenTimeRunsOut, outputOnly, outputFields } = completion;
	if (waits && run.status === 'FAILED' && whenRunFails === 'error') {
		throw new DibbyError(failedRunError(run, credential.redact, completion.workflowPage));
	}
	if (waits && !hasEnded(run) && whenTimeRunsOut === 'error') {
		throw new DibbyError(timeLimitError(run, completion, credential.redact, origin));
	}
	const hasOutput = run.status === 'FINISHED' && 'output' in run;
	const result = outputOnly && hasOutput ? outputAsObject(run.output, outputFields) : { ...run };
	const maxFiles = completion.documentsAsFiles ? MAX_FILES : 0;
	const stored = documents === 'skip' ? undefined : documents;
	const files = await storeDocuments(context, result, run.id, maxFiles, stored);
	// The result wins when names clash.
	const kept = origin.source && keptOf(origin.source, keepsFilesInJson(context));
	const binary = { ...kept?.binary, ...files };
	// First, and always the run's own. It also keeps n8n from treating an output of just `error` as an error's item.
	const runId = { [RUN_ID_FIELD]: run.id };
	return {
		json: { ...runId, ...kept?.json, ...result, ...runId } as IDataObject,
		...(Object.keys(binary).length > 0 ? { binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

/** An item's JSON must be an object. Dibby documents an object or null. */
export function outputAsObject(output: unknown, fields?: string[]): Record<string, unknown> {
	if (output === null || output === undefined) return {};
	const whole = typeof output === 'object' && !Array.isArray(output) ? { ...output } : { output };
	if (fields === undefined) return whole;
	return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name)));
}

/** In the "combined" binary mode, the files are a field of the JSON. */
function keptOf({ item: { json, binary }, keep }: Source, isCombined: boolean) {
	// 'Get Run' would take the run of an earlier error rather than the item's own.
	const isError = Object.hasOwn(Object(json.error) as object, RUN_ID_FIELD);
	const isKept = ([name]: [string, unknown]) => {
		if (isCombined && name === FILES_IN_JSON) return keep !== 'json';
		return keep !== 'binary' && !(isError && ['error', 'message'].includes(name));
	};
	return {
		json: Object.fromEntries(Object.entries(json).filter(isKept)),
		binary,
	};
}

/**
 * Turns an error into the item that replaces the result if the node continues on errors.
 * n8n sends it to the error output only if it has no other keys than these two.
 *
 * @param binaryField the field of the file that the run was for, if each file gets its own run
 */
export function itemOfError(
	error: ErrorDetails,
	item: number,
	binaryField?: string,
): INodeExecutionData {
	// null, so that 'Get Run' doesn't take another run's ID for this one's.
	const data = {
		[RUN_ID_FIELD]: null,
		...errorData(error),
		...(binaryField === undefined ? {} : { binaryField }),
	};
	return { json: { message: error.message, error: data }, pairedItem: { item } };
}

/** What a workflow or a model can use of an error. */
export function errorData(error: ErrorDetails): IDataObject {
	const { message, description, httpStatus, runId, outcomeUnknown } = error;
	return {
		message,
		description,
		...(httpStatus === undefined ? {} : { httpStatus }),
		...(runId === undefined ? {} : { [RUN_ID_FIELD]: runId }),
		...(outcomeUnknown ? { runMayHaveStarted: true } : {}),
	};
}

/** Adds the item to a message as n8n does, and its file if each file gets its own run. */
export function withItemName(message: string, item: number, field: string | undefined): string {
	return `${message} [item ${item}${field === undefined ? '' : `, ${field}`}]`;
}

/** The details of any error. One that is neither the node's nor n8n's is a defect. */
export function detailsOf(error: unknown, redact: Redactor): ErrorDetails {
	if (error instanceof DibbyError) return { ...error.details };
	const quoted = redact.quote(error instanceof Error ? error.message : String(error));
	// n8n's own errors explain what is wrong with a parameter or a credential.
	if (error instanceof BaseError || error instanceof ApplicationError) {
		const { description } = error as { description?: string | null };
		return { message: quoted, description: redact.quote(description ?? '') };
	}
	return {
		message: 'The Dibby node stopped unexpectedly',
		description: `${quoted}. If this happens again, report it and include this text.`,
	};
}
