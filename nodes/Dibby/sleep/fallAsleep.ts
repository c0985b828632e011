import type {
	IExecuteFunctions,
	INodeExecutionData,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { clock } from '../clock';
import { DibbyError, inputError } from '../errors';
import type { ErrorDetails } from '../errors';
import { itemOfError } from '../output/itemResult';
import { RUN_ID_FIELD } from '../types';
import type { Completion } from '../types';
import { HELPER_NODE_TYPES, helperWorkflow } from './helperWorkflow';
import { lastWakeUp, nextState, stateItem } from './sleepState';
import type { SleepingRun } from './sleepState';

const INSTEAD = "Set 'While Waiting' to 'Stay Active'.";

/** Names in an expression that have no value, or another one, in the helper workflow. */
const DEPENDS_ON_ITEM = /\$(?!(?:vars|secrets|env)\b)/;

/**
 * Checks, before a run is started, that n8n can put the execution to sleep.
 *
 * @param engine n8n's context for all items; AI Agents up to version 2 have none
 * @throws DibbyError that says why not, and what to choose instead
 */
export function checkCanSleep(
	engine: IExecuteFunctions | undefined,
	{ timeLimitMs }: Pick<Completion, 'timeLimitMs'>,
): void {
	if (engine === undefined || engine.getNode().type.endsWith('Tool')) {
		throw inputError("An agent's tool can't use 'Sleep'", INSTEAD);
	}
	// n8n resumes a sleeping node correctly since 2.33, which is also when it got this function.
	if (!('onExecutionFinish' in engine)) {
		throw inputError(
			"This version of n8n doesn't support 'Sleep'",
			"Update n8n to 2.33 or newer. Until then, set 'While Waiting' to 'Stay Active'.",
		);
	}
	const known = engine.getKnownNodeTypes();
	const missing = HELPER_NODE_TYPES.filter((type) => !Object.hasOwn(known, type));
	if (missing.length > 0) {
		throw inputError(
			"'Sleep' needs a node that's turned off on this n8n instance",
			`Turned off: ${missing.join(', ')}. ${INSTEAD}`,
		);
	}
	const requestOptions = JSON.stringify(engine.getNode().parameters.requestOptions ?? {});
	if (requestOptions.includes('"=') && DEPENDS_ON_ITEM.test(requestOptions)) {
		throw inputError(
			"'Sleep' doesn't support 'Request Options' that depend on the item",
			`n8n can't evaluate their expressions while the execution sleeps. ${INSTEAD}`,
		);
	}
	if (timeLimitMs > timeLeftMs(engine)) {
		throw inputError(
			"The workflow's timeout is shorter than 'Time Limit'",
			"n8n would stop the execution when it wakes up. In the workflow settings, set 'Timeout Workflow' to more than 'Time Limit', or turn it off. If the workflow has no timeout of its own, the timeout of the n8n instance applies.",
		);
	}
}

/** How long n8n lets the execution continue, in milliseconds. */
function timeLeftMs(engine: IExecuteFunctions): number {
	// Where n8n's instance sets the timeout, only this tells.
	const { additionalData } = engine as { additionalData?: IWorkflowExecuteAdditionalData };
	const end = additionalData?.executionTimeoutTimestamp;
	if (end !== undefined) return end - clock.date();
	const seconds = engine.getWorkflowSettings().executionTimeout ?? 0;
	return seconds > 0 ? seconds * 1_000 : Infinity;
}

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
		description: `n8n says: "${(error as Error).message}". The runs continue in Dibby. For future runs, set 'While Waiting' to 'Stay Active'.`,
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
