import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { failedRunError, timeLimitError } from '../api/runErrors';
import type { Connection } from '../api/retry';
import type { Redactor } from '../api/serverText';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { runItem } from '../output/runItem';
import { isOver } from '../types';
import type { Completion, DibbyRun } from '../types';

/**
 * Turns a run into an item, or into the error that the user chose for a run that failed or is not over in time.
 *
 * @param isStartedHere whether the node started the run, or got it by its ID
 * @throws DibbyError with the run's ID
 */
export async function itemOfRun(
	{ n8n, redact, documents }: Connection,
	run: DibbyRun,
	itemIndex: number,
	completion: Completion,
	isStartedHere: boolean,
): Promise<INodeExecutionData> {
	const { waits, whenRunFails, whenTimeRunsOut, workflowPage } = completion;
	if (waits && run.status === 'FAILED' && whenRunFails === 'error') {
		throw new DibbyError(failedRunError(run, redact, workflowPage));
	}
	if (waits && !isOver(run) && whenTimeRunsOut === 'error') {
		throw new DibbyError(timeLimitError(run, completion, redact, isStartedHere));
	}
	return await runItem(n8n, run, itemIndex, completion, documents);
}

/**
 * Turns an error into the item that stands for it when the user chose to continue.
 * n8n sends it to the error output only when it has no other keys than these two.
 */
export function itemOfError(error: ErrorDetails, item: number): INodeExecutionData {
	return { json: { message: error.message, error: errorData(error) }, pairedItem: { item } };
}

/** What a workflow, or a model, can do something with. */
export function errorData(error: ErrorDetails): IDataObject {
	const { message, description, httpStatus, runId, outcomeUnknown } = error;
	return {
		message,
		description,
		...(httpStatus === undefined ? {} : { httpStatus }),
		...(runId === undefined ? {} : { runId }),
		...(outcomeUnknown ? { runMayHaveStarted: true } : {}),
	};
}

/**
 * Names an item behind a message as n8n does, where there are several.
 *
 * @param count how many items the node has
 */
export function withItemName(message: string, itemIndex: number, count: number): string {
	return count > 1 ? `${message} [item ${itemIndex}]` : message;
}

/** Anything else than the node's own errors is a fault of the node, or of n8n's storage; its words may help. */
export function detailsOf(error: unknown, redact?: Redactor): ErrorDetails {
	if (error instanceof DibbyError) return { ...error.details };
	const words = error instanceof Error ? error.message : String(error);
	return {
		message: 'The node could not finish its work',
		description: `${redact?.quote(words) ?? words}. If it happens again, report it with these words.`,
	};
}
