import type { IBinaryKeyData, INodeExecutionData } from 'n8n-workflow';

import type { ItemContext } from '../types';
import { isWithinAgent } from './engineLoop';

/**
 * The files of the item that an AI agent works on, such as what somebody uploaded into its chat: a model can only
 * name a file, so the tool takes it from there.
 *
 * With several items n8n does not say which of them a call is about; the wrong file would be paid for, so there is none.
 */
export function filesOfAgent(context: ItemContext): IBinaryKeyData | undefined {
	const items = itemsOfAgent(context);
	return items.length === 1 ? items[0]?.binary : undefined;
}

/**
 * Agents up to version 2 lend the tool their own items. From version 3 on, n8n's engine executes the tool as a node
 * of its own, whose item names the node in front of the agent.
 */
function itemsOfAgent(context: ItemContext): INodeExecutionData[] {
	const { data } = context.getExecuteData();
	const own = (data.main ?? data.ai_tool)?.[0] ?? [];
	if (isWithinAgent(context)) return own;
	const [item] = own;
	const paired = item?.pairedItem;
	const source =
		typeof paired === 'object' && !Array.isArray(paired) ? paired.sourceOverwrite : undefined;
	if (source === undefined) return own;
	const { previousNode, previousNodeOutput = 0, previousNodeRun = 0 } = source;
	// Two closing braces in a node's name would end the expression.
	const name = JSON.stringify(previousNode).replaceAll('}', '\\u007d');
	const expression = `{{ $(${name}).all(${previousNodeOutput}, ${previousNodeRun}) }}`;
	try {
		const items: unknown = context.evaluateExpression(expression, 0);
		return Array.isArray(items) ? (items as INodeExecutionData[]) : [];
	} catch (error) {
		context.logger.debug("Dibby: the files of the agent's item are out of reach", {
			error: String(error),
		});
		return [];
	}
}
