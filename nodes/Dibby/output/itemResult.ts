import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { ApplicationError, BaseError } from 'n8n-workflow';

import type { Redactor } from '../api/redact';
import type { Connection } from '../api/request';
import { failedRunError, timeLimitError } from '../api/runErrors';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { hasEnded, RUN_ID_FIELD } from '../types';
import type { Completion, DibbyRun, Source } from '../types';
import { runItem } from './runItem';

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
	const data = { ...errorData(error), ...(binaryField === undefined ? {} : { binaryField }) };
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
