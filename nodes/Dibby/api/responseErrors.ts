import type { ErrorDetails } from '../errors';
import { isRun } from '../types';
import { quoteResponse } from './redact';
import type { Redactor } from './redact';
import type { DibbyResponse, Exchange } from './response';

/** Advice if a run may have been started. */
export const LOOK_FIRST =
	'A run may have been started. Before you try again, look in Dibby for a run of this workflow at this time, because you pay for every run.';

/** Says the opposite of LOOK_FIRST. */
export const NOT_STARTED = 'No run was started.';

/** Advice if a run exists and only the response about it is missing. */
export const GET_LATER = "Get the run later with 'Get Run'.";

const CHECK_BASE_URL =
	"Check 'Base URL' in the Dibby API credential. It's usually https://dibby.ai/api.";

/** What a request was for: a run by its ID, or the start of a run with these inputs, as text. */
export type Purpose = { runId: string; inputs?: undefined } | { runId?: undefined; inputs: string };

/** What errors need to know about the connection. */
export interface ErrorContext {
	redact: Redactor;
	baseUrl: string;
}

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

/** The error for a response that isn't a success. */
export function responseError(
	response: DibbyResponse,
	{ runId, inputs }: Purpose,
	{ redact, baseUrl }: ErrorContext,
): ErrorDetails {
	const { status } = response;
	const isStart = inputs !== undefined;
	const outcomeUnknown = isStart && mayHaveStarted({ response });
	const isRedirect = status >= 300 && status < 400 && status !== 304;
	const [message, advice] = isRedirect
		? [
				"The 'Base URL' redirects to another URL",
				redirectAdvice(response.location, baseUrl, redact),
			]
		: textsFor(response, outcomeUnknown, inputs);
	const sentences = [
		isStart && (outcomeUnknown ? LOOK_FIRST : NOT_STARTED),
		(!outcomeUnknown || isRedirect) && advice,
	];
	return {
		message,
		description: quoteResponse(response, redact) + sentences.filter(Boolean).join(' '),
		httpStatus: status,
		outcomeUnknown,
		runId,
	};
}

/** @returns the message and the advice */
function textsFor(
	{ status, text }: DibbyResponse,
	outcomeUnknown: boolean,
	inputs?: string,
): [string, string] {
	const isStart = inputs !== undefined;
	const sent = isStart ? ` Sent: ${inputs}.` : '';
	switch (status) {
		case 400:
		case 422:
			return [
				'Dibby rejected the inputs',
				`Input names and types must match the workflow's Start Node exactly.${sent}`,
			];
		case 401:
			return [
				'Dibby rejected the token',
				'Copy the token from your Dibby account again, paste it into the Dibby API credential, and save.',
			];
		case 403: {
			const blocked = /^\s*</.test(text)
				? 'The response is a web page, so a firewall or proxy between n8n and Dibby may have blocked the request. '
				: '';
			return [
				'Dibby denied access with this token',
				`${blocked}Make sure that the token belongs to the account that owns the workflow.`,
			];
		}
		case 404:
			return isStart
				? [
						"Dibby can't find this workflow",
						"Open the workflow in Dibby, copy its URL, and paste it into 'Workflow' again. Make sure that the token belongs to the same account and that 'Base URL' in the Dibby API credential is correct (usually https://dibby.ai/api).",
					]
				: [
						"Dibby can't find this run",
						"Check the run's ID, and make sure that the token belongs to the account where the run was started.",
					];
		case 407:
			return [
				'The proxy requires a login',
				"In the node's settings, set 'Proxy' under 'Request Options' to http://user:password@host:port. If you didn't set a proxy there, add the login to the proxy settings of your n8n instance.",
			];
		case 413:
			return ['The documents are too large for Dibby', `Send smaller or fewer files.${sent}`];
		case 429:
			return [
				'Dibby is receiving too many requests',
				`The node reached its retry limit. Wait a while, lower 'Max Parallel Requests' under 'Options', or spread out the items with 'Batching' in the node's settings.${isStart ? '' : ` ${GET_LATER}`}`,
			];
		case 503:
			if (outcomeUnknown) break;
			return [
				"Dibby isn't available at the moment",
				`The node reached its retry limit. ${isStart ? 'Execute it again later.' : GET_LATER}`,
			];
	}
	return UNCLEAR_STATUSES.includes(status)
		? [
				`Dibby couldn't process the request (HTTP ${status})`,
				isStart ? 'Execute the node again later.' : GET_LATER,
			]
		: [
				`Dibby rejected the request (HTTP ${status})`,
				"Check 'Base URL' in the Dibby API credential and the parameters of the node.",
			];
}

function redirectAdvice(location = '', baseUrl: string, redact: Redactor): string {
	const from = new URL(`${baseUrl}/runs`);
	const target =
		location !== '' && URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
	if (target?.origin === from.origin) {
		return `The redirect points to another path on the same server (${redact.quote(target.pathname)}). The node doesn't follow redirects. ${CHECK_BASE_URL}`;
	}
	const isNamed = target !== undefined && target.origin !== 'null';
	return `The redirect points to ${isNamed ? redact.quote(target.origin) : 'another URL'}. To protect the token, the node doesn't follow it. If you trust that URL, enter it as 'Base URL' in the Dibby API credential.`;
}

/** The error for a successful response that doesn't contain the run, or any run. */
export function notARunError(
	{ status, text, json }: DibbyResponse,
	{ runId, inputs }: Purpose,
	{ redact }: ErrorContext,
): ErrorDetails {
	const outcomeUnknown = inputs !== undefined;
	const error = { httpStatus: status, outcomeUnknown, runId };
	if (!outcomeUnknown && isRun(json)) {
		// Not quoted, because it may be somebody else's.
		const description = `A proxy or cache between n8n and Dibby may have mixed up responses. ${GET_LATER}`;
		return { ...error, message: 'Dibby returned a different run', description };
	}
	// Quotes the whole text, because it may contain a run's ID.
	const quote = quoteResponse({ json: undefined, text }, redact);
	return {
		...error,
		message: `Dibby's response isn't ${json === undefined ? 'JSON' : 'a run'}`,
		description: `${quote}${outcomeUnknown ? LOOK_FIRST : CHECK_BASE_URL}`,
	};
}
