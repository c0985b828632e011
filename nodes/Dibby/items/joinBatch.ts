import type { INodeExecutionData } from 'n8n-workflow';

import type { ItemContext, RequestTemplate } from '../types';
import { Batch } from './batch';
import { isToolCall } from './engineLoop';
import type { Prepare } from './itemPlan';

/** Keyed by an object that n8n's engine makes for each execution of a node, so that the batch is collected with it. */
const batches = new WeakMap<object, Batch>();

/**
 * Joins an item to the batch of its node execution, and waits for its result.
 *
 * Retry On Fail executes the node again with the same object: an item that comes again begins a new batch, and the
 * one before, whose results nobody reads any more, stops.
 */
export async function joinBatch(
	context: ItemContext,
	template: RequestTemplate,
	prepare: Prepare,
): Promise<INodeExecutionData[]> {
	const key = context.getExecuteData();
	const index = context.getItemIndex();
	const current = batches.get(key);
	if (current?.accepts(index)) return await current.join(context, template);
	const previous = current?.has(index) ? current : undefined;
	previous?.stop();
	const batch = new Batch(context, prepare, previous);
	// Several calls of an agent share its object, and are a batch each.
	if (!isToolCall(context)) batches.set(key, batch);
	return await batch.join(context, template);
}
