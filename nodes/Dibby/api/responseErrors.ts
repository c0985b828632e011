import type { ErrorDetails } from '../errors';
import { isRun } from '../types';
import type { RunRequest } from '../types';
import { inputHints } from './inputHints';
import { quoteResponse } from './redact';
import type { Redactor } from './redact';
import { describeInputs } from './requestBody';
import { mayHaveStarted, UNCLEAR_STATUSES } from './response';
import type { DibbyResponse } from './response';

/** Advice if a run may have been started. */
export const LOOK_FIRST =
	'A run may have been started. Before you try again, look in Dibby for a run of this workflow at this time, because you pay for every run.';

/** Says the opposite of LOOK_FIRST. */
export const NOT_STARTED = 'No run was started by this request.';

/** Advice if a run exists and only the response about it is missing. */
export const GET_LATER = "Get the run later with 'Get Run'.";

const CHECK_BASE_URL =
	"Check 'Base URL' in the Dibby API credential. It's usually https://dibby.ai/api.";

/** What errors need to know about the connection. */
export interface ErrorContext {
	redact: Redactor;
	baseUrl: string;
}

/**
 * The error for a response that isn't a success.
 *
 * @param sent the run that was to be started; undefined for a request that gets one
 */
export function responseError(
	response: DibbyResponse,
	sent: RunRequest | undefined,
	{ redact, baseUrl }: ErrorContext,
): ErrorDetails {
	const { status } = response;
	const isStart = sent !== undefined;
	const outcomeUnknown = isStart && mayHaveStarted({ response });
	const isRedirect = status >= 300 && status < 400 && status !== 304;
	const [message, advice] = isRedirect
		? [
				"The 'Base URL' redirects to another URL",
				redirectAdvice(response.location, baseUrl, redact),
			]
		: textsFor(response, outcomeUnknown, isStart);
	const sentences = [
		isStart && (outcomeUnknown ? LOOK_FIRST : NOT_STARTED),
		(!outcomeUnknown || isRedirect) && advice,
		isStart && [400, 422].includes(status) && inputHints(response.text, sent, redact),
		isStart && [400, 413, 422].includes(status) && `Sent: ${describeInputs(sent)}.`,
	];
	return {
		message,
		description: quoteResponse(response, redact) + sentences.filter(Boolean).join(' '),
		httpStatus: status,
		outcomeUnknown,
	};
}

/** @returns the message and the advice */
function textsFor(
	{ status, text }: DibbyResponse,
	outcomeUnknown: boolean,
	isStart: boolean,
): [string, string] {
	// An API may reject an ID that it doesn't know in any of these ways.
	switch (!isStart && [400, 422].includes(status) ? 404 : status) {
		case 400:
		case 422:
			return [
				'Dibby rejected the inputs',
				"Input names and types must match the workflow's Start Node exactly.",
			];
		case 401:
			return [
				'Dibby rejected the token',
				'Copy the token from your Dibby account again, paste it into the Dibby API credential, and save.',
			];
		case 402:
			return ['Dibby requires a payment', 'Check the plan and the credit of your Dibby account.'];
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
			return ['The documents are too large for Dibby', 'Send smaller or fewer files.'];
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
	return `The redirect points to ${isNamed ? redact.quote(target.origin) : 'another URL'}. To protect the token, the node doesn't follow it. If you trust that server, enter the URL of its API as 'Base URL' in the Dibby API credential.`;
}

/** The error for a successful response that doesn't contain the run, or any run. */
export function notARunError(
	{ status, text, json }: DibbyResponse,
	isStart: boolean,
	{ redact }: ErrorContext,
): ErrorDetails {
	const error = { httpStatus: status, outcomeUnknown: isStart };
	if (!isStart && isRun(json)) {
		// Not quoted, because it may be somebody else's.
		const description = `A proxy or cache between n8n and Dibby may have mixed up responses. ${GET_LATER}`;
		return { ...error, message: 'Dibby returned a different run', description };
	}
	// Quotes the whole text, because it may contain a run's ID.
	const quote = quoteResponse({ json: undefined, text }, redact);
	return {
		...error,
		message: `Dibby's response isn't ${json === undefined ? 'JSON' : 'a run'}`,
		description: `${quote}${isStart ? LOOK_FIRST : CHECK_BASE_URL}`,
	};
}
