import type { IExecuteFunctions, IWorkflowExecuteAdditionalData } from 'n8n-workflow';

import { clock } from '../clock';
import { inputError } from '../errors';
import type { Completion } from '../types';
import { HELPER_NODE_TYPES } from './helperWorkflow';

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
