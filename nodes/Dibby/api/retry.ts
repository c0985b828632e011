import { DateTime } from 'luxon';

import { clock } from '../clock';
import type { Connection } from './request';
import type { Purpose } from './requestLimiter';
import type { Exchange } from './response';

/** Maximum number of attempts if there is no time limit. */
export const MAX_ATTEMPTS = 5;

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** A server may ask for hours; nobody looking at the canvas would understand why the node stands still. */
const MAX_RETRY_AFTER_MS = 120_000;

/** A request with its retries. */
export interface Attempts<Result> {
	purpose: Purpose;
	/** Sends the request, at its turn. */
	send: () => Promise<Exchange>;
	/** Whether to send it again after this exchange, if there is time. Attempts are counted from 1. */
	shouldRetry: (exchange: Exchange, attempt: number) => boolean;
	/** Turns the last exchange into a result, or throws the item's error, before any other item gets a turn. */
	conclude: (exchange: Exchange) => Result;
	/** On the node's clock: after this time, no further attempt is made. */
	deadline: () => number;
}

/**
 * Sends a request when it is the item's turn, and again as long as it should be retried. A rate limit pauses all items.
 *
 * @returns undefined if the node was stopped, or the deadline passed before the first request
 */
export async function sendWithRetry<Result>(
	{ limiter, stopped }: Connection,
	{ purpose, send, shouldRetry, conclude, deadline }: Attempts<Result>,
): Promise<Result | undefined> {
	let latest: Exchange | undefined;
	for (let attempt = 1; ; attempt++) {
		const outcome = await limiter.run(purpose, deadline(), async () => {
			const exchange = await send();
			latest = exchange;
			const pauseMs = backOff(attempt, exchange.response?.retryAfter);
			const isForAll = [429, 503].includes(exchange.response?.status ?? 0);
			if (isForAll) limiter.pause(pauseMs);
			const isTimeLeft = clock.now() + pauseMs < deadline();
			if (!isTimeLeft || !shouldRetry(exchange, attempt)) return { result: conclude(exchange) };
			return { pauseMs: isForAll ? 0 : pauseMs };
		});
		if (outcome === undefined) {
			// The deadline passed while all items paused.
			return latest === undefined || stopped.aborted ? undefined : conclude(latest);
		}
		if ('result' in outcome) return outcome.result;
		if (outcome.pauseMs > 0) await clock.sleep(outcome.pauseMs, stopped);
	}
}

/**
 * How long to pause before the next attempt: exponential back-off with full jitter, on top of what the server asks for.
 *
 * @param failures how many times in a row it failed, from 1
 * @param retryAfter the Retry-After header: seconds or an HTTP date
 * @returns milliseconds
 */
export function backOff(failures: number, retryAfter?: string): number {
	const max = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
	return retryAfterMs(retryAfter) + clock.random() * max;
}

function retryAfterMs(header: string | undefined): number {
	if (header === undefined) return 0;
	const seconds = Number(header);
	const asked = Number.isNaN(seconds)
		? DateTime.fromHTTP(header).toMillis() - clock.date()
		: seconds * 1_000;
	return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), MAX_RETRY_AFTER_MS);
}
