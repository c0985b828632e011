import type { IBinaryKeyData, INodeExecutionData } from 'n8n-workflow';

import { inputError } from '../errors';
import type { ErrorDetails } from '../errors';
import { FILES_IN_JSON } from '../input/files';
import { keepsFilesInJson } from '../types';
import type { ItemContext } from '../types';

/** Who calls the node: n8n's engine, also for the tool of an AI Agent from version 3 on, or an older agent itself. */
export type Caller = 'workflow' | 'toolNode' | 'agent';

/** Agents up to version 2 call the node with their own execute data. */
export function callerOf(context: ItemContext): Caller {
	const { name, type } = context.getNode();
	if (context.getExecuteData().node.name !== name) return 'agent';
	return type.endsWith('Tool') ? 'toolNode' : 'workflow';
}

/**
 * Whether a thrown error reaches nobody: agents up to version 2 give the model an empty response instead. With Retry On
 * Fail, the node has to throw to be retried.
 */
export function swallowsErrors(context: ItemContext, caller: Caller): boolean {
	return caller === 'agent' && context.getNode().retryOnFail !== true;
}

/**
 * Rejects a tool call whose result would be paid for and lost: the agent of a tool with an error output gets an empty
 * response (`handleNodeErrorOutput` in n8n-core). The log has the error too, because it is lost in the same way.
 */
export function checkResultArrives(context: ItemContext, caller: Caller): void {
	if (caller !== 'toolNode' || context.getNode().onError !== 'continueErrorOutput') return;
	const error = inputError(
		"n8n would discard this tool's response",
		"In the tool's settings, set 'On Error' to 'Continue'. With an error output, the agent receives nothing.",
	);
	context.logger.warn(`Dibby: ${error.message}. ${error.details.description}`);
	throw error;
}

/**
 * Prepares an error for a language model: it names a run that exists, and says what a second call would cost.
 *
 * @param startsRun whether the call was meant to start a run
 */
export function errorForAgent(error: ErrorDetails, startsRun: boolean): ErrorDetails {
	const { runId, outcomeUnknown } = error;
	let { description } = error;
	if (runId !== undefined && !description.includes(runId))
		description += ` The run's ID is ${runId}.`;
	if (startsRun && (runId !== undefined || outcomeUnknown))
		description +=
			' Do not call this tool again with these inputs. That could start another paid run.';
	return { ...error, description, page: undefined, httpStatus: undefined };
}

/**
 * The files of the item that an AI Agent works on, such as an upload in its chat. n8n doesn't say which of several
 * items a call is for, and the wrong file would be paid for, so the tool gets none then.
 */
export function filesOfAgent(context: ItemContext): IBinaryKeyData | undefined {
	const [item, ...others] = itemsOfAgent(context);
	if (item === undefined || others.length > 0) return undefined;
	// In the "combined" binary mode, only stored files are in the JSON.
	const inJson = keepsFilesInJson(context) ? (item.json[FILES_IN_JSON] as IBinaryKeyData) : {};
	return { ...item.binary, ...inJson };
}

/**
 * Agents up to version 2 pass in their own items. From version 3 on, the tool's item names the node before the agent.
 * After a human review it may name a run of that node that doesn't exist, so earlier runs are tried as well.
 */
function itemsOfAgent(context: ItemContext): INodeExecutionData[] {
	const { data } = context.getExecuteData();
	const own = (data.main ?? data.ai_tool)?.[0] ?? [];
	const paired = own[0]?.pairedItem;
	const source =
		typeof paired === 'object' && !Array.isArray(paired) ? paired.sourceOverwrite : undefined;
	if (source === undefined) return own;
	const { previousNode, previousNodeOutput = 0, previousNodeRun = 0 } = source;
	// Two closing braces in a node's name would end the expression.
	const name = JSON.stringify(previousNode).replaceAll('}', '\\u007d');
	for (let run = previousNodeRun; run >= 0; run--) {
		try {
			const expression = `{{ $(${name}).all(${previousNodeOutput}, ${run}) }}`;
			const items: unknown = context.evaluateExpression(expression, 0);
			if (Array.isArray(items) && items.length > 0) return items as INodeExecutionData[];
		} catch (error) {
			context.logger.debug(`Dibby: can't read the files of the agent's item: ${String(error)}`);
		}
	}
	return [];
}
