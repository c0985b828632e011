import type { ItemContext, RequestTemplate } from '../types';
import { DEFAULT_REQUESTS_AT_ONCE } from './nodeRun';
import type { NodeRun } from './nodeRun';
import { exchange } from './exchange';
import type { DibbyRequest, Exchange } from './exchange';

/** Everything that starting and waiting need to know about the item they work for. */
export interface ItemRun {
	context: ItemContext;
	template: RequestTemplate;
	nodeRun: NodeRun;
	/** Ends all waiting of the item: the user cancels, or another item has failed. */
	stopped: AbortSignal;
	/** How long the run is waited for, in milliseconds; Infinity when it is not waited for. */
	timeLimit: number;
	/** Hides the token and whatever looks like a document in text that a server gave. */
	redact: (text: string) => string;
}

/**
 * Performs a request when it is the item's turn, and judges what came of it before anybody else gets a turn.
 *
 * @returns what `judge` made of it; undefined when the turn never came, because the execution was cancelled or
 *   another item failed
 */
export async function exchangeInTurn<Verdict>(
	{ context, template, nodeRun, stopped }: ItemRun,
	request: () => Promise<DibbyRequest>,
	judge: (result: Exchange) => Verdict,
): Promise<Verdict | undefined> {
	const { requestsAtOnce } = context.getNodeParameter('options', {}) as { requestsAtOnce?: number };
	const limit = Math.max(1, Math.floor(Number(requestsAtOnce ?? DEFAULT_REQUESTS_AT_ONCE)) || 1);
	return await nodeRun.inTurn(limit, stopped, async () =>
		judge(await exchange(context, template, await request())),
	);
}
