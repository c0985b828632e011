import type { INodeExecutionData } from 'n8n-workflow';

import { statusOf } from '../api/errorMessages';
import { DibbyError, inputError } from '../errors';
import type { ErrorDetails } from '../errors';
import { isOver } from '../types';
import type { Completion, DibbyRun, ItemContext } from '../types';
import { INNER_NODE_TYPES, innerWorkflow, lastWaking, stateItem } from '../waiting/sleep';
import type { SleepingRun, SleepState } from '../waiting/sleep';
import { isToolCall } from './engineLoop';
import type { ReadyItem } from './itemPlan';
import { itemOfError } from './itemResult';

/**
 * Checks, before anything is started, that n8n can put the execution to sleep.
 *
 * @throws DibbyError that says why not, and what to choose instead
 */
export function checkCanSleep(context: ItemContext, timeLimitMs: number): void {
	const instead = 'Set While Waiting to Stay Active.';
	if (isToolCall(context)) {
		throw inputError("An agent's tool can't sleep while it waits", instead);
	}
	const { executeWorkflow, putExecutionToWait, onExecutionFinish } = context;
	if (!executeWorkflow || !putExecutionToWait || !onExecutionFinish) {
		throw inputError(
			'This version of n8n can not put the node to sleep',
			`Update n8n to 2.33 or newer. Until then: ${instead}`,
		);
	}
	const known = context.getKnownNodeTypes();
	const missing = INNER_NODE_TYPES.filter((type) => !Object.hasOwn(known, type));
	if (missing.length > 0) {
		throw inputError(
			'This n8n lacks a node that sleeping needs',
			`It was switched off here: ${missing.join(', ')}. ${instead}`,
		);
	}
	const timeoutSeconds = context.getWorkflowSettings?.().executionTimeout ?? -1;
	if (timeoutSeconds > 0 && timeoutSeconds * 1_000 < timeLimitMs) {
		throw inputError(
			"The workflow's own time-out is shorter than Time Limit",
			"n8n would stop the execution when it wakes. Raise Timeout Workflow in the workflow's settings above Time Limit, or switch it off.",
		);
	}
}

/** An item whose run may not be over yet. */
interface SleepyItem {
	index: number;
	run?: DibbyRun;
	error?: ErrorDetails;
	ready?: ReadyItem;
}

/** What is kept of an item while the execution sleeps. */
export function sleepingRunOf(
	{ index, run, ready, error }: SleepyItem,
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
 * execution at the last time limit with items that name each run, and the state in which
 * it was seen last.
 *
 * @returns the runs as they are now, which a webhook that waits for the last node answers with
 * @throws DibbyError when n8n does not take the inner workflow; nothing sleeps then
 */
export async function fallAsleep(
	context: ItemContext,
	state: SleepState,
): Promise<INodeExecutionData[]> {
	const { proxy, timeout, allowUnauthorizedCerts } = context.getNodeParameter(
		'requestOptions',
		{},
	) as Record<string, unknown>;
	const workflow = innerWorkflow(
		context.getNode(),
		{ proxy, timeout, allowUnauthorizedCerts },
		context.getWorkflowSettings?.() ?? {},
		state.runs.length,
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
		{
			parentExecution,
		},
	);
	await start?.catch(refuse);
	await context.putExecutionToWait?.(lastWaking(state));
	context.getExecuteData().data = { main: [state.runs.map(itemOfLostSleep)] };
	return state.runs.map(({ item, runId, status }) => ({
		json: { id: runId, status },
		pairedItem: { item },
	}));
}

function refuse(error: unknown): never {
	const words = error instanceof Error ? error.message : String(error);
	throw new DibbyError({
		message: 'n8n could not put the execution to sleep',
		description: `n8n says: "${words}". The runs go on in Dibby: fetch them with Get Run. For later runs, set While Waiting to Stay Active.`,
	});
}

function itemOfLostSleep(run: SleepingRun): INodeExecutionData {
	const { item, runId, status, completion, error } = run;
	if (error === undefined && completion.whenTimeRunsOut === 'return') {
		return { json: { id: runId, status }, pairedItem: { item } };
	}
	return itemOfError(
		error ?? {
			message: 'n8n lost the wait for the Dibby run',
			description: `n8n was stopped hard while it asked for the run. Its last known status is ${status}. Don't start it again: fetch it with Get Run and the ID ${runId}.`,
			runId,
		},
		item,
	);
}
