import type { ItemContext, RequestTemplate } from '../types';
import type { NodeRun } from './nodeRun';
import { DEFAULT_REQUESTS_AT_ONCE } from './nodeRun';
import { exchange } from './exchange';
import type { DibbyRequest, Exchange } from './exchange';

/** Everything that starting and waiting need to know about the item they work for. */
export interface ItemRun {
	context: ItemContext;
	template: RequestTemplate;
	nodeRun: NodeRun;
	/** How long the run is waited for, in milliseconds; Infinity when it is not waited for. */
	timeLimit: number;
	/** Hides the token and whatever looks like a document in text that a server gave. */
	redact: (text: string) => string;
}

/** The signals that end all waiting of an item: the user cancels, or another item has failed. */
export function stopSignals({ context, nodeRun }: ItemRun): Array<AbortSignal | undefined> {
	return [context.getExecutionCancelSignal?.(), nodeRun.stop.signal];
}

/**
 * Performs a request when it is the item's turn.
 *
 * @returns undefined when the turn never came, because the execution was cancelled or another item failed
 */
export async function exchangeInTurn(
	item: ItemRun,
	request: () => Promise<DibbyRequest>,
): Promise<Exchange | undefined> {
	const { requestsAtOnce } = item.context.getNodeParameter('options', {}) as {
		requestsAtOnce?: number;
	};
	const limit = Math.max(1, Math.floor(Number(requestsAtOnce ?? DEFAULT_REQUESTS_AT_ONCE)) || 1);
	return await item.nodeRun.inTurn(
		limit,
		stopSignals(item),
		async () => await exchange(item.context, item.template, await request()),
	);
}
