import type { ItemContext, RequestTemplate } from '../types';
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
	/** How many requests of the node may be under way at the same time. */
	requestsAtOnce: number;
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
	{ context, template, nodeRun, stopped, requestsAtOnce }: ItemRun,
	request: () => Promise<DibbyRequest>,
	judge: (result: Exchange) => Verdict,
): Promise<Verdict | undefined> {
	return await nodeRun.inTurn(requestsAtOnce, stopped, async () =>
		judge(await exchange(context, template, await request())),
	);
}
