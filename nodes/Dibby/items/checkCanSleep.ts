import { inputError } from '../errors';
import type { ItemContext } from '../types';
import { INNER_NODE_TYPES } from '../waiting/sleep';

/**
 * Checks, before anything is started, that n8n can put the execution to sleep.
 *
 * @throws DibbyError that says why not, and what to choose instead
 */
export function checkCanSleep(
	context: ItemContext,
	isToolCall: boolean,
	timeLimitMs: number,
): void {
	const instead = 'Set While Waiting to Stay Active.';
	if (isToolCall) {
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
