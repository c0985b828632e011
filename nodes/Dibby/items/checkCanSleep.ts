import { clock } from '../clock';
import { inputError } from '../errors';
import type { Completion, ItemContext } from '../types';
import { INNER_NODE_TYPES } from '../waiting/innerWorkflow';

/**
 * Checks, before anything is started, that n8n can put the execution to sleep.
 *
 * @param isCredentialOfItem whether the credential is an expression of the item, which the inner workflow doesn't have
 * @throws DibbyError that says why not, and what to choose instead
 */
export function checkCanSleep(
	context: ItemContext,
	{ canSleep, timeLimitMs }: Completion,
	isCredentialOfItem: boolean,
): void {
	const instead = 'Set While Waiting to Stay Active.';
	if (!canSleep) {
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
	if (isCredentialOfItem) {
		throw inputError(
			'A node whose credential depends on the item can not sleep',
			`The expression in the Dibby API credential can't be worked out while the item sleeps. ${instead}`,
		);
	}
	if (timeLimitMs > timeLeftMs(context)) {
		throw inputError(
			"The workflow's own time-out is shorter than Time Limit",
			"n8n would stop the execution when it wakes. Raise Timeout Workflow in the workflow's settings above Time Limit, or switch it off; a workflow without a time-out of its own has that of the whole n8n.",
		);
	}
}

/** How long n8n lets the execution go on; Infinity where it sets no end. */
function timeLeftMs(context: ItemContext): number {
	const end = context.additionalData?.executionTimeoutTimestamp;
	if (end !== undefined) return end - clock.date();
	const seconds = context.getWorkflowSettings?.().executionTimeout ?? 0;
	return seconds > 0 ? seconds * 1_000 : Infinity;
}
