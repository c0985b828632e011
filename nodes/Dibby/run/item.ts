import type { DibbyRun, ItemContext, RequestTemplate } from '../types';
import { clock } from './clock';
import { exchange } from './exchange';
import type { DibbyRequest, Exchange } from './exchange';
import type { NodeRun } from './nodeRun';
import type { Verdict } from './verdict';

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
 * Makes a request when it is the item's turn, as often as `judge` wants another one, with its pauses between.
 * It judges before anybody else gets a turn: a server that wants quiet gets it at once.
 *
 * @param request makes the request of an attempt, counted from 1
 * @param judge decides what an answer, or none, means; what it throws ends the item
 * @returns undefined when the turn never came, because the execution was cancelled or another item failed
 */
export async function requestRun(
	{ context, template, nodeRun, stopped, requestsAtOnce }: ItemRun,
	request: (attempt: number) => Promise<DibbyRequest>,
	judge: (result: Exchange, attempt: number) => Verdict,
): Promise<DibbyRun | undefined> {
	for (let attempt = 1; ; attempt++) {
		const verdict = await nodeRun.inTurn(requestsAtOnce, stopped, async () => {
			const result = await exchange(context, template, await request(attempt));
			const judged = judge(result, attempt);
			if ('pause' in judged && judged.everybody) nodeRun.keepQuiet(judged.pause);
			return judged;
		});
		if (verdict === undefined) return undefined;
		if ('run' in verdict) return verdict.run;
		if (!verdict.everybody) await clock.sleep(verdict.pause, stopped);
	}
}
