import type { INode, INodeExecutionData } from 'n8n-workflow';

import { DibbyNodeError } from '../errors';
import type { ErrorDetails } from '../errors';
import { errorData, itemOfError, withItemName } from '../output/itemResult';
import { errorForAgent } from './agents';
import type { Task } from './task';

/** By the word "canceled", n8n tells a canceled execution from a failed one. */
const CANCELED: ErrorDetails = {
	message: 'The execution was canceled',
	description: 'Runs that were started continue in Dibby.',
};

/** @returns the items of all tasks, in order; nothing for a task that never got its turn */
export function collectItems(tasks: Task[], isToolCall: boolean): INodeExecutionData[] {
	const items: INodeExecutionData[] = [];
	for (const { item, result, error, start, plan } of tasks) {
		if (error === undefined && result !== undefined) items.push(result);
		else if (error !== undefined && !isToolCall) items.push(itemOfError(error, item, plan?.field));
		else if (error !== undefined) {
			// Not an item that n8n takes for an error: it would go to the tool's error output, where no model sees it.
			const json = errorData(errorForAgent(error, start !== undefined));
			items.push({ json, pairedItem: { item } });
		}
	}
	return items;
}

/**
 * The error that stops the node. It names every run that was started or may have been started.
 *
 * @param failed the task whose error stops the node; undefined if the execution was canceled
 */
export function nodeError(
	node: INode,
	tasks: Task[],
	failed: Task | undefined,
	isToolCall: boolean,
): DibbyNodeError {
	const outcomes = outcomesOf(tasks);
	const { item = 0, error = CANCELED } = failed ?? {};
	const isOneOfMany = failed !== undefined && tasks.length > 1;
	const details = isToolCall ? errorForAgent(error, outcomes.length > 0) : error;
	// A model gets the message alone.
	const message = isToolCall
		? `${details.message}. ${details.description}`
		: isOneOfMany
			? withItemName(details.message, item, failed.plan?.field)
			: details.message;
	return new DibbyNodeError(node, item, { ...details, message }, outcomes);
}

/** The items whose runs were started or may have been. */
export function outcomesOf(tasks: Task[]) {
	return tasks.flatMap(({ item, start }) => {
		const { runId, outcomeUnknown = false } = start ?? {};
		return runId !== undefined || outcomeUnknown ? [{ item, runId, outcomeUnknown }] : [];
	});
}
