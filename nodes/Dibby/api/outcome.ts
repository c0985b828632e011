import type { Exchange } from './response';

/**
 * Statuses that servers and gateways also send when Dibby has started a run: a redirect to what the request created, a
 * conflict with it, a gateway that didn't wait for Dibby's response, or a fault after the start.
 */
export const UNCLEAR_STATUSES: readonly number[] = [
	...[300, 301, 302, 303, 304, 408, 409, 499],
	...Array.from({ length: 500 }, (_, n) => 500 + n),
];

/** Whether a request to start a run may have started one. */
export function mayHaveStarted({ response, failure }: Exchange): boolean {
	if (failure !== undefined) return failure.delivered !== false;
	const { status, isHalfSent, json, retryAfter } = response;
	if (status < 300) return true;
	// Half a body isn't JSON, so nobody can have accepted it.
	if (isHalfSent === true) return false;
	// An API or a rate limiter rejects with JSON or Retry-After. Any other 503 is a gateway's page.
	if (status === 503) return json === undefined && retryAfter === undefined;
	return UNCLEAR_STATUSES.includes(status);
}

/** Whether to send a request to start a run again: nothing was started, and the reason may pass. */
export function shouldSendAgain(exchange: Exchange): boolean {
	const { response, failure } = exchange;
	if (mayHaveStarted(exchange)) return false;
	if (response !== undefined) return [429, 503].includes(response.status);
	return ['refused', 'unknownHost', 'proxy', 'closed'].includes(failure.kind);
}
