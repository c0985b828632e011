import { DateTime } from 'luxon';

import { clock } from './clock';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** A server may ask for hours; nobody looking at the canvas would understand why the node stands still. */
const LONGEST_RETRY_AFTER_MS = 120_000;

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
		: DateTime.fromHTTP(header.trim()).diffNow().toMillis();
	return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), LONGEST_RETRY_AFTER_MS);
}
