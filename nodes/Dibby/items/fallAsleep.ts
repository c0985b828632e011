import type { INodeExecutionData } from 'n8n-workflow';

import { statusOf } from '../api/runErrors';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { isOver } from '../types';
import type { Completion, ItemContext } from '../types';
import { innerWorkflow } from '../waiting/innerWorkflow';
import { isTimeUp, lastWaking, nextState, stateItem } from '../waiting/sleep';
import type { SleepingRun, SleepState } from '../waiting/sleep';
import type { ItemProgress } from './itemPlan';
import { detailsOf, itemOfError } from './itemResult';

/** n8n keeps the reason to itself, and forgets it when the execution sleeps. */
const EXPRESSION_FAILED: ErrorDetails = {
	message: 'An expression of the node failed for this item',
	description:
		'n8n could not work out the parameters for this item, so nothing was sent to Dibby for it. Correct the expression, and run the node for this item again.',
};

/** Whether an item's run is neither over nor late, so that n8n has to sleep for it. */
export function needsSleep({ run, ready }: ItemProgress, began: number): boolean {
	if (run === undefined || ready === undefined || isOver(run)) return false;
	return !isTimeUp(began, ready.completion);
}

/**
 * Puts the execution to sleep for the items that need it, if there are any. n8n resumes it with the results of all
 * items, so that none may be missing. Until then each item has its run's ID and state, which a webhook that waits for
 * the last node answers with.
 *
 * @param known the items that came, by index
 * @param waiting those that need it
 * @param count how many items the node has
 * @param began when the waiting began, as a date
 * @returns whether it sleeps; if n8n refuses, that is the error of the items that need it
 */
export async function sleepFor(
	context: ItemContext,
	known: ReadonlyMap<number, ItemProgress>,
	waiting: ItemProgress[],
	count: number,
	began: number,
): Promise<boolean> {
	const completion = waiting[0]?.ready?.completion;
	if (completion === undefined) return false;
	const runs = Array.from({ length: count }, (_, index) =>
		sleepingRunOf(known.get(index) ?? { index, error: EXPRESSION_FAILED }, completion),
	);
	try {
		await fallAsleep(context, nextState(runs, began, 0));
	} catch (error) {
		for (const item of waiting) item.error = { ...detailsOf(error), runId: item.run?.id };
		return false;
	}
	for (const run of runs) {
		const item = known.get(run.item);
		if (item === undefined) continue;
		item.result = itemOfSleep(run);
		// Retry On Fail would take it as a reason to execute the node again, beside the sleeping one.
		delete item.error;
	}
	return true;
}

/** What is kept of an item while the execution sleeps. */
function sleepingRunOf(
	{ index, run, ready, error }: ItemProgress,
	completionOfOthers: Completion,
): SleepingRun {
	const isAsked = run !== undefined && ready?.completion.waits === true;
	return {
		item: index,
		runId: run?.id ?? error?.runId ?? '',
		status: run !== undefined && ready !== undefined ? statusOf(run, ready.connection.redact) : '',
		isOver: !isAsked || isOver(run),
		...(error === undefined ? {} : { error }),
		isStartedHere: ready?.startLog !== undefined,
		completion: ready?.completion ?? completionOfOthers,
	};
}

/**
 * Hands all runs to the inner workflow, and lets n8n store this execution until that is done. The hook is not called
 * again: n8n resumes the execution with the items of the inner workflow.
 *
 * Should the inner workflow be lost (n8n was killed while it asked Dibby, and marks it as crashed), n8n resumes the
 * execution at the last time limit with items that name each run, and the state in which it was seen last.
 *
 * @throws DibbyError when n8n does not take the inner workflow; nothing sleeps then
 */
async function fallAsleep(context: ItemContext, state: SleepState): Promise<void> {
	const { proxy, timeout, allowUnauthorizedCerts } = context.getNodeParameter(
		'requestOptions',
		{},
	) as Record<string, unknown>;
	const workflow = innerWorkflow(
		context.getNode(),
		{ proxy, timeout, allowUnauthorizedCerts },
		context.getWorkflowSettings?.() ?? {},
		state.runs,
		context.continueOnFail(),
	);
	const { id: workflowId } = context.getWorkflow();
	const executionId = context.getExecutionId();
	const parentExecution: { executionId: string; workflowId: string } = {
		executionId,
		workflowId: String(workflowId),
		// The types of older versions don't know it.
		...{ shouldResume: true },
	};
	const start = context.executeWorkflow?.(
		{ code: workflow as never },
		[stateItem(state)],
		undefined,
		{ parentExecution },
	);
	await start?.catch(refuse);
	await context.putExecutionToWait?.(lastWaking(state));
	context.getExecuteData().data = { main: [state.runs.map(itemOfLostSleep)] };
}

function refuse(error: unknown): never {
	const words = error instanceof Error ? error.message : String(error);
	throw new DibbyError({
		message: 'n8n could not put the execution to sleep',
		description: `n8n says: "${words}". The runs go on in Dibby: fetch them with Get Run. For later runs, set While Waiting to Stay Active.`,
	});
}

/** What an item is while the execution sleeps. */
function itemOfSleep({ item, runId, status, error }: SleepingRun): INodeExecutionData {
	const message = error === undefined ? {} : { message: error.message };
	return { json: { id: runId, status, ...message }, pairedItem: { item } };
}

function itemOfLostSleep(run: SleepingRun): INodeExecutionData {
	const { item, runId, status, completion, error } = run;
	if (error === undefined && completion.whenTimeRunsOut === 'return') {
		return { json: { id: runId, status }, pairedItem: { item } };
	}
	return itemOfError(error ?? lostSleepError(run), item);
}

/** What n8n goes on with when the inner workflow has not handed on anything in time. */
export function lostSleepError({ runId, status }: SleepingRun): ErrorDetails {
	return {
		message: 'n8n lost the wait for the Dibby run',
		description: `n8n was down, or was killed while it asked for the run; or somebody stopped the execution that asks for it, or retried this one after stopping it. The run's last known status is ${status}. Don't start it again: fetch it with Get Run and the ID ${runId}.`,
		runId,
	};
}
