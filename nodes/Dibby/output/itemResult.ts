import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { ApplicationError, BaseError } from 'n8n-workflow';

import type { Redactor } from '../api/redact';
import type { Connection } from '../api/request';
import { failedRunError, timeLimitError } from '../api/runErrors';
import type { StoredDocuments } from '../api/storedDocuments';
import { MAX_FILES } from '../dataUri';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { FILES_IN_JSON } from '../input/files';
import { hasEnded, keepsFilesInJson, RUN_ID_FIELD } from '../types';
import type { Completion, DibbyRun, N8nServices, Source } from '../types';
import { storeDocuments } from './binaryFiles';

/** How a run came about, for the advice in an error. */
export interface RunOrigin {
	/** Whether this node started the run; if not, the user gave its ID. */
	isStartedHere: boolean;
	isToolCall: boolean;
	source?: Source;
}

/**
 * Turns a run into an item, or into the error that the user chose for a run that failed or didn't end in time.
 *
 * @throws DibbyError with the run's ID
 */
export async function itemOfRun(
	{ context, credential, documents }: Connection,
	run: DibbyRun,
	itemIndex: number,
	completion: Completion,
	origin: RunOrigin,
): Promise<INodeExecutionData> {
	const { waits, whenRunFails, whenTimeRunsOut, workflowPage } = completion;
	if (waits && run.status === 'FAILED' && whenRunFails === 'error') {
		throw new DibbyError(failedRunError(run, credential.redact, workflowPage));
	}
	if (waits && !hasEnded(run) && whenTimeRunsOut === 'error') {
		throw new DibbyError(timeLimitError(run, completion, credential.redact, origin));
	}
	const stored = documents === 'skip' ? undefined : documents;
	return await runItem(context, run, itemIndex, completion, stored, origin.source);
}

/**
 * Turns a run into the item that the next node receives. A run without an output is returned as a whole, even if only
 * the output is wanted.
 *
 * @param stored the documents that were stored while the run was read
 * @param source the result wins when names clash
 * @throws DibbyError if n8n can't handle the result; errors from n8n's storage
 */
export async function runItem(
	n8n: N8nServices,
	run: DibbyRun,
	itemIndex: number,
	{ outputOnly, outputFields, documentsAsFiles }: Completion,
	stored?: StoredDocuments,
	source?: Source,
): Promise<INodeExecutionData> {
	const hasOutput = run.status === 'FINISHED' && 'output' in run;
	const result = outputOnly && hasOutput ? outputAsObject(run.output, outputFields) : { ...run };
	const maxFiles = documentsAsFiles ? MAX_FILES : 0;
	const files = await storeDocuments(n8n, result, run.id, maxFiles, stored);
	const kept = source && keptOf(source, keepsFilesInJson(n8n));
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
function outputAsObject(output: unknown, fields?: string[]): Record<string, unknown> {
	if (output === null || output === undefined) return {};
	const whole = typeof output === 'object' && !Array.isArray(output) ? { ...output } : { output };
	if (fields === undefined) return whole;
	return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name)));
}

/** In the "combined" binary mode, the files are a field of the JSON. */
function keptOf({ item: { json, binary }, keep }: Source, isCombined: boolean) {
	const isKept = ([name]: [string, unknown]) =>
		isCombined && name === FILES_IN_JSON ? keep !== 'json' : keep !== 'binary';
	return {
		json: Object.fromEntries(Object.entries(json).filter(isKept)),
		binary: keep === 'json' ? {} : binary,
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

/** The bases of n8n's own errors, which explain what is wrong with a parameter or a credential. */
const ERRORS_OF_N8N = [BaseError, ApplicationError];

/** The details of any error. One that is neither the node's nor n8n's is a defect. */
export function detailsOf(error: unknown, redact?: Redactor): ErrorDetails {
	if (error instanceof DibbyError) return { ...error.details };
	const text = error instanceof Error ? error.message : String(error);
	const quoted = redact?.quote(text) ?? text;
	if (ERRORS_OF_N8N.some((type) => error instanceof type)) {
		const { description } = error as { description?: string | null };
		return {
			message: quoted,
			description: description ? (redact?.quote(description) ?? description) : '',
		};
	}
	return {
		message: 'The Dibby node stopped unexpectedly',
		description: `${quoted}. If this happens again, report it and include this text.`,
	};
}
