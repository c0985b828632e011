import type { INode, INodeExecutionData } from 'n8n-workflow';

import { MAX_FILES } from '../dataUri';
import { DibbyNodeError, listNames, withOutcomes, withoutDenial } from '../errors';
import type { ErrorDetails, ItemOutcome } from '../errors';
import { errorData, itemOfError, outputAsObject, withItemName } from '../output/itemResult';
import { hasEnded } from '../types';
import { errorForAgent } from './agents';
import type { Task } from './task';

/** n8n recognizes a canceled execution by the word "canceled". */
const CANCELED: ErrorDetails = {
	message: 'The execution was canceled',
	description: 'Runs that were started continue in Dibby.',
};

/** @returns the items of all tasks, in order; nothing for a task that never got its turn */
export function collectItems(tasks: Task[], isToolCall: boolean): INodeExecutionData[] {
	return tasks.flatMap(({ item, result, error, start, plan }) => {
		if (error === undefined) return result ?? [];
		if (!isToolCall) return itemOfError(error, item, plan?.field);
		// Not an item that n8n takes for an error: it would go to the tool's error output, where no model sees it.
		const json = errorData(errorForAgent(error, start !== undefined));
		return { json, pairedItem: { item } };
	});
}

/**
 * A task's error with the runs that it and earlier attempts of Retry On Fail have started.
 *
 * @param ofItem what earlier attempts have started for the item
 * @param isNamedLater whether `nodeError` or `errorForAgent` names the runs
 */
export function taskError(
	{ item, plan, start }: Task,
	details: ErrorDetails,
	ofItem: ItemOutcome[],
	isNamedLater: boolean,
): ErrorDetails {
	// Without a plan, it's unknown which of the item's runs the error is about.
	const earlier = plan ? ofItem.filter(({ field }) => field === plan.field) : ofItem;
	const error = earlier.length > 0 ? withoutDenial(details) : details;
	const runId = start?.runId ?? plan?.runId ?? earlier.at(-1)?.runId;
	// After an unknown start, an earlier run isn't the one to get.
	if (!error.outcomeUnknown) error.runId ??= runId;
	if (isNamedLater) return error;
	const place = { item, field: plan?.field };
	const isKnown = start?.runId === undefined || earlier.some((one) => one.runId === start.runId);
	return withOutcomes(error, place, isKnown ? earlier : [...earlier, { ...place, runId }]);
}

/**
 * The error that stops the node. It names every run that was started or may have been started.
 *
 * @param outcomes what all attempts of the node execution have started
 * @param failed the task whose error stops the node; undefined if the execution was canceled
 * @param isOneOfMany whether the message has to name the item
 */
export function nodeError(
	node: INode,
	outcomes: ItemOutcome[],
	failed: Task | undefined,
	isToolCall: boolean,
	isOneOfMany: boolean,
): DibbyNodeError {
	const { item = 0, error = CANCELED, plan } = failed ?? {};
	const details = isToolCall ? errorForAgent(error, outcomes.length > 0) : { ...error };
	// A model gets the message alone.
	if (isToolCall) details.message += `. ${details.description}`;
	else if (failed !== undefined && isOneOfMany)
		details.message = withItemName(error.message, item, plan?.field);
	return new DibbyNodeError(node, { item, field: plan?.field }, details, outcomes);
}

/** Hints for somebody who executes the node in the editor. Each is shown only if it is true. */
export function hintsFor(tasks: Task[], itemCount: number): string[] {
	const continues = ({ start, seen, plan }: Task) =>
		start?.runId !== undefined && plan?.completion.waits === false && !hasEnded(seen?.run ?? {});
	const hasMaxFiles = ({ result }: Task) => Object.keys(result?.binary ?? {}).length >= MAX_FILES;
	const missingFields = tasks.flatMap(({ seen, plan }) => {
		const fields = plan?.completion.outputFields;
		if (fields === undefined || seen?.run.status !== 'FINISHED') return [];
		const output = outputAsObject(seen.run.output);
		return fields.filter((name) => !Object.hasOwn(output, name));
	});
	const withoutFile = itemCount - new Set(tasks.map(({ item }) => item)).size;
	const [items, them] = withoutFile === 1 ? ['1 item', 'it'] : [`${withoutFile} items`, 'them'];
	const hints = [
		tasks.some(continues) &&
			"The run continues in Dibby. To get its result, use 'Get Run' with its ID. Executing this node again starts another run.",
		withoutFile > 0 && `${items} had no matching file, so no run was started for ${them}.`,
		missingFields.length > 0 &&
			`Some selected fields aren't in the workflow's output: ${listNames([...new Set(missingFields)])}. To get the output again, use 'Get Run'.`,
		tasks.some(hasMaxFiles) &&
			`Up to ${MAX_FILES.toLocaleString('en')} documents of a result become files. Further documents stay in the JSON.`,
	];
	return hints.filter((hint) => hint !== false);
}
