import { DateTime } from 'luxon';

import { clock } from '../clock';
import type { StoredDocuments } from '../output/storedDocuments';
import type { DibbyRun, N8nServices, RequestTemplate } from '../types';
import type { CredentialReader } from './credential';
import { exchange } from './request';
import type { DibbyRequest } from './request';
import type { Exchange } from './response';
import type { WorkflowKey } from './requestBody';
import type { RequestQueue } from './requestQueue';
import type { Redactor } from './serverText';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** A server may ask for hours; nobody looking at the canvas would understand why the node stands still. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** How one item reaches Dibby. */
export interface Connection {
	n8n: N8nServices;
	template: RequestTemplate;
	/** Shared by all items of the node. */
	requests: RequestQueue;
	/** Ends all waiting of the item: the user cancels, or another item has failed. */
	stopped: AbortSignal;
	/** Shared by all items of the node. */
	credential: CredentialReader;
	/** Takes the documents of the item's run, if they are to become files. */
	documents?: StoredDocuments;
	/** Hides the token in text that a server gave. */
	redact: Redactor;
	/** What was learnt of the server, shared by all items, so that only the first one has to find out. */
	server: { workflowKey: WorkflowKey };
	/** The item's one time limit, for everything that is done for it. */
	timeLimit: TimeLimit;
}

/** A time limit counts from the item's first request, or from the start of its run. */
interface TimeLimit {
	/** In milliseconds; Infinity for none. */
	readonly limitMs: number;
	/** On the node's clock; absent until the item's turn has come. */
	began?: number;
}

/** What a request came to: a run, or a pause before it is made again, for this request or for those of all items. */
type RetryDecision = { run: DibbyRun } | { delayMs: number; scope: 'request' | 'allItems' };

/**
 * Makes a request when it is the item's turn, as often as `decide` wants another one, with its pauses between.
 * It decides before anybody else gets a turn, so that a rate limit applies to all items at once.
 *
 * @param request makes the request of an attempt
 * @param decide says what a response, or none, means for an attempt, counted from 1; what it throws ends the item
 * @returns undefined when the turn never came, because the execution was cancelled or another item failed
 */
export async function sendWithRetry(
	{ n8n, template, requests, stopped, credential }: Connection,
	request: () => DibbyRequest | Promise<DibbyRequest>,
	decide: (result: Exchange, attempt: number) => RetryDecision,
): Promise<DibbyRun | undefined> {
	for (let attempt = 1; ; attempt++) {
		const decision = await requests.run(stopped, async () => {
			const send = async () => {
				const used = await credential.current();
				return { used, result: await exchange(n8n, template, used, await request()) };
			};
			let { used, result } = await send();
			// Refused, so nothing was started: that is worth another try when somebody has changed the token meanwhile.
			if (result.response?.status === 401 && (await credential.hasChangedSince(used))) {
				({ used, result } = await send());
			}
			const decided = decide(result, attempt);
			if ('delayMs' in decided && decided.scope === 'allItems') {
				requests.pauseRequests(decided.delayMs);
			}
			return decided;
		});
		if (decision === undefined) return undefined;
		if ('run' in decision) return decision.run;
		const { delayMs, scope } = decision;
		if (scope === 'request' && delayMs > 0) await clock.sleep(delayMs, stopped);
	}
}

/**
 * How long to pause before trying again: exponential with full jitter, on top of what the server asked for.
 *
 * @param failures how many times in a row it failed, from 1
 * @param retryAfter the Retry-After header: seconds or an HTTP date
 * @returns milliseconds
 */
export function backOff(failures: number, retryAfter?: string): number {
	const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
	return retryAfterMs(retryAfter) + clock.random() * longest;
}

function retryAfterMs(header: string | undefined): number {
	if (header === undefined) return 0;
	const asked = /^\s*\d+(\.\d+)?\s*$/.test(header)
		? Number(header) * 1000
		: DateTime.fromHTTP(header.trim()).toMillis() - clock.date();
	return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), LONGEST_RETRY_AFTER_MS);
}
