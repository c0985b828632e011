import type { INodeExecutionData } from 'n8n-workflow';

import { failedRunError, timeLimitError } from '../api/errorMessages';
import type { Connection } from '../api/retry';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { runItem } from '../output/runItem';
import { isOver } from '../types';
import type { Completion, DibbyRun } from '../types';

/**
 * Turns a run into an item, or into the error that the user chose for a run that failed or is not over in time.
 *
 * @param isStartedHere whether the node started the run, or was asked for one that is known
 * @throws DibbyError with the run's ID
 */
export async function itemOfRun(
	{ n8n, redact, timeLimit }: Connection,
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
		throw new DibbyError(timeLimitError(run, timeLimit.limitMs, redact, isStartedHere));
	}
	return await runItem(n8n, run, itemIndex, completion);
}

/**
 * Turns an error into the item that stands for it when the user chose to continue.
 * n8n sends it to the error output only when it has no other keys than these two.
 */
export function itemOfError(
	{ message, description, httpStatus, runId, outcomeUnknown }: ErrorDetails,
	item: number,
): INodeExecutionData {
	return {
		json: {
			message,
			error: {
				message,
				description,
				...(httpStatus === undefined ? {} : { httpStatus }),
				...(runId === undefined ? {} : { runId }),
				...(outcomeUnknown ? { runMayHaveStarted: true } : {}),
			},
		},
		pairedItem: { item },
	};
}
