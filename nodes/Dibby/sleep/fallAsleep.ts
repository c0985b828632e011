import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
import { itemOfError } from '../output/itemResult';
import { RUN_ID_FIELD } from '../types';
import { helperWorkflow } from './helperWorkflow';
import { lastWakeUp, nextState, stateItem } from './sleepState';
import type { SleepingRun } from './sleepState';

/**
 * Passes all runs to a helper workflow, and lets n8n store this execution until that has ended. The node isn't called
 * again: n8n resumes the execution with the items of the helper workflow.
 *
 * If the helper workflow is lost (n8n marks it as crashed if it was killed during a poll), n8n resumes the execution
 * after the last time limit with items that name each run and its last known status.
 *
 * @param runs one for each item: n8n replaces all items, so none may be missing
 * @param began when the wait began, as a date
 * @throws DibbyError if n8n rejects the helper workflow; nothing sleeps then
 */
export async function fallAsleep(
	engine: IExecuteFunctions,
	runs: SleepingRun[],
	began: number,
): Promise<void> {
	const state = nextState(runs, began, 0);
	const executionId = engine.getExecutionId();
	const code = helperWorkflow(engine, runs, executionId);
	const workflowId = String(engine.getWorkflow().id);
	await engine
		.executeWorkflow({ code: code as never }, [stateItem(state)], undefined, {
			parentExecution: { executionId, workflowId, shouldResume: true },
		})
		.catch(refused);
	await engine.putExecutionToWait(lastWakeUp(state));
	engine.getExecuteData().data = { main: [runs.map(itemOfLostSleep)] };
}

function refused(error: unknown): never {
	throw new DibbyError({
		message: "n8n couldn't put the execution to sleep",
		description: `n8n says: "${(error as Error).message}". The runs continue in Dibby. Use 'Get Run' to get them. For future runs, set 'While Waiting' to 'Stay Active'.`,
	});
}

/** What an item is while the execution sleeps. A webhook that waits for the last node responds with it. */
export function itemOfSleep({ item, runId, status, error }: SleepingRun): INodeExecutionData {
	const message = error === undefined ? {} : { message: error.message };
	return { json: { [RUN_ID_FIELD]: runId, id: runId, status, ...message }, pairedItem: { item } };
}

function itemOfLostSleep(run: SleepingRun): INodeExecutionData {
	const { item, field, completion, error } = run;
	if (error === undefined && completion.whenTimeRunsOut === 'return') return itemOfSleep(run);
	return itemOfError(error ?? lostSleepError(run), item, field);
}

/** The error if the helper workflow hasn't returned anything in time. */
export function lostSleepError({ runId, status }: SleepingRun): ErrorDetails {
	return {
		message: 'n8n stopped checking on the Dibby run',
		description: `Possible causes: n8n was down or was killed during a check, someone stopped the helper execution, or someone stopped and retried this one. The run's last known status is ${status}. Don't start the run again. Use 'Get Run' with the ID ${runId}.`,
		runId,
	};
}
