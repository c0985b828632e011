import type { INodeExecutionData } from 'n8n-workflow';

import { DibbyError, inputError } from '../errors';
import type { ItemContext } from '../types';
import { INNER_NODE_TYPES, innerWorkflow, lastWaking, stateItem } from '../waiting/sleep';
import type { SleepingRun, SleepState } from '../waiting/sleep';
import { isToolCall } from './engineLoop';
import { itemOfError } from './itemResult';

/**
 * Checks, before anything is started, that n8n can put the execution to sleep.
 *
 * @throws DibbyError that says why not, and what to choose instead
 */
export function checkCanSleep(context: ItemContext): void {
	const instead = 'Set While Waiting to Stay Active.';
	if (isToolCall(context)) {
		throw inputError("An AI agent's tool can't sleep while it waits", instead);
	}
	if (context.executeWorkflow === undefined || context.putExecutionToWait === undefined) {
		throw inputError('This version of n8n can not put the node to sleep', instead);
	}
	const known = context.getKnownNodeTypes();
	const missing = INNER_NODE_TYPES.filter((type) => !Object.hasOwn(known, type));
	if (missing.length > 0) {
		throw inputError(
			'This n8n lacks a node that sleeping needs',
			`It was switched off here: ${missing.join(', ')}. ${instead}`,
		);
	}
}

/**
 * Hands all runs to the inner workflow, and lets n8n store this execution until that is done. The hook is not called
 * again: n8n resumes the execution with the items of the inner workflow.
 *
 * Should the inner workflow be lost (n8n was killed while it asked Dibby, and marks it as crashed), n8n resumes the
 * execution at the last time limit with the items that are returned here: they name each run, and the state in which
 * it was seen last.
 *
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
	const start = context.executeWorkflow?.(
		{ code: workflow as never },
		[stateItem(state)],
		undefined,
		{
			parentExecution: { executionId, workflowId: String(workflowId), shouldResume: true },
		},
	);
	await start?.catch(refuse);
	await context.putExecutionToWait?.(lastWaking(state));
	const items = state.runs.map(itemOfLostSleep);
	context.getExecuteData().data = { main: [items] };
	return items;
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
