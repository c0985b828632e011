import type { INodeExecutionData } from 'n8n-workflow';

import { itemError } from '../errors';
import { itemOf } from '../result/output';
import { isOver } from '../run/isRun';
import type { ItemRun } from '../run/item';
import { failedRunProblem, timeLimitProblem } from '../problems/run';
import { waitForRun } from '../run/waiting';
import type { DibbyRun } from '../types';

/** The options that both operations share, as the description names them. */
interface SharedOptions {
	pollInterval?: number;
	whenRunFails?: 'error' | 'return';
	whenTimeRunsOut?: 'error' | 'return';
	documentsAsFiles?: boolean;
}

/**
 * The way from a known run to the item: waits if the user wants that, decides what a failed or unfinished run is,
 * and shapes the output.
 *
 * @returns undefined when the execution was cancelled or another item failed
 * @throws DibbyError with the run's ID
 */
export async function finish(
	item: ItemRun,
	known: DibbyRun,
): Promise<INodeExecutionData | undefined> {
	const { context, timeLimit, redact } = item;
	const waits = context.getNodeParameter('waitForCompletion', false) === true;
	const options = context.getNodeParameter('options', {}) as SharedOptions;
	const { pollInterval = 0, whenRunFails = 'error', whenTimeRunsOut = 'error' } = options;

	const run = waits ? await waitForRun(item, known, Number(pollInterval) * 1000) : known;
	if (run === undefined) return undefined;
	if (waits && run.status === 'FAILED' && whenRunFails === 'error') {
		throw itemError(context, failedRunProblem(run, redact));
	}
	if (waits && !isOver(run) && whenTimeRunsOut === 'error') {
		throw itemError(context, timeLimitProblem(run, timeLimit));
	}
	return await itemOf(context, run, {
		outputOnly: context.getNodeParameter('output', 'run') === 'output',
		files: options.documentsAsFiles ?? true,
	});
}
