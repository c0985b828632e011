import type { ErrorDetails } from '../errors';
import type { RunRequest } from '../types';
import type { NetworkFailure } from './networkFailure';
import { quoteResponse } from './redact';
import { isSuccess } from './response';
import type { Exchange } from './response';
import { GET_LATER, LOOK_FIRST, NOT_STARTED, notARunError, responseError } from './responseErrors';
import type { ErrorContext } from './responseErrors';

const INCREASE_TIMEOUT =
	"For large files, increase 'Timeout' under 'Request Options' in the node's settings.";

const TEXTS: Readonly<Record<NetworkFailure['kind'], [message: string, advice: string]>> = {
	cancelled: ['The execution was canceled', ''],
	refused: [
		"Can't connect to Dibby",
		"Check 'Base URL' in the Dibby API credential, 'Proxy' under 'Request Options' in the node's settings, and your n8n firewall settings.",
	],
	unknownHost: [
		"n8n can't find the Dibby server",
		"Check 'Base URL' in the Dibby API credential, and make sure that your n8n instance can access the internet.",
	],
	proxy: [
		"The proxy can't connect to Dibby",
		"Check 'Proxy' under 'Request Options' in the node's settings, or the proxy settings of your n8n instance.",
	],
	certificate: [
		"The connection to Dibby isn't secure",
		"n8n couldn't verify the certificate. Check 'Base URL' in the Dibby API credential, or ask your network administrator.",
	],
	notAllowed: [
		'n8n blocked the request to Dibby',
		"Check 'Base URL' and 'Allowed HTTP Request Domains' in the Dibby API credential.",
	],
	timeout: ["Dibby didn't respond in time", INCREASE_TIMEOUT],
	closed: ['The connection to Dibby was lost', 'Check your network and try again.'],
	halfSent: [
		"n8n couldn't send the files to Dibby",
		`The connection was lost or timed out before the upload finished. The files may be too large for Dibby. Check your network and try again. ${INCREASE_TIMEOUT}`,
	],
	truncated: ["Dibby's response was cut off", ''],
	tooLarge: [
		"Dibby's response is too large",
		'The response is larger than 256 MB, not counting documents that n8n stores. Make the Dibby workflow return less data, or configure n8n to store files instead of keeping them in memory.',
	],
	fileChanged: [
		'A file changed while the node was sending it',
		"n8n can't read the file anymore, or its size changed. Execute the previous node again.",
	],
};

/** Failures after which an existing run can be fetched later. */
const TEMPORARY: ReadonlyArray<NetworkFailure['kind']> = ['timeout', 'closed', 'truncated'];

/**
 * The error for an exchange that returned no run.
 *
 * @param sent the run that was to be started; undefined for a request that gets one
 */
export function exchangeError(
	{ response, failure }: Exchange,
	sent: RunRequest | undefined,
	context: ErrorContext,
): ErrorDetails {
	const isStart = sent !== undefined;
	if (failure !== undefined) return networkError(failure, isStart, context);
	if (isSuccess(response)) return notARunError(response, isStart, context);
	return responseError(response, sent, context);
}

/** The error for a request without a usable response. */
export function networkError(
	{ kind, delivered, detail, received = '' }: NetworkFailure,
	isStart: boolean,
	{ redact, baseUrl }: ErrorContext,
): ErrorDetails {
	const isProxyUnknown =
		kind === 'unknownHost' && detail !== undefined && detail !== new URL(baseUrl).hostname;
	const [message, advice] = isProxyUnknown
		? ["n8n can't find the proxy server", TEXTS.proxy[1]]
		: TEXTS[kind];
	const outcomeUnknown = isStart && delivered !== false;
	const isAvailableLater = !isStart && TEMPORARY.includes(kind);
	// Part of a response may contain the run's ID.
	const quote = outcomeUnknown ? quoteResponse({ json: undefined, text: received }, redact) : '';
	const sentences = [
		detail && kind === 'unknownHost' && `There is no server named "${redact.quote(detail)}".`,
		detail && kind !== 'unknownHost' && `n8n says: "${redact.quote(detail)}".`,
		isStart && (outcomeUnknown ? LOOK_FIRST : NOT_STARTED),
		isAvailableLater && `Check your network. ${GET_LATER}`,
		((!outcomeUnknown && !isAvailableLater) || kind === 'timeout') && advice,
	];
	return {
		message: outcomeUnknown ? `${message}, but a run may have been started` : message,
		description: quote + sentences.filter(Boolean).join(' '),
		outcomeUnknown,
		isFinal: kind === 'tooLarge',
	};
}
