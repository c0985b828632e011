import type { ErrorDetails } from '../errors';
import type { DibbyResponse } from './response';
import type { Connection } from './retry';
import { quoteAnswer } from './serverText';
import type { Redactor } from './serverText';

/** The advice whenever nobody knows whether a run was started. */
export const LOOK_FIRST =
	'A run may have been started. Look in Dibby for a run of this workflow at this time before you start it again: a second one would be paid for too.';

/** The advice where a run is known and only its answer is missing: executing Trigger Run again would start another one. */
export const FETCH_LATER = 'Fetch the run later with Get Run.';

/** What a request was for: a run by its ID, or the start of one with these inputs, in words. */
export type Purpose = { runId: string; inputs?: undefined } | { runId?: undefined; inputs: string };

/**
 * Whether a run may have been started although the answer is no success. A gateway says 408, 499 or something above 500 when
 * *its* time was up, or Dibby's answer was lost on the way; 303 leads to what the request has made.
 */
export function mayHaveStarted(status: number): boolean {
	return [303, 408, 499].includes(status) || (status >= 500 && status !== 503);
}

/** The error for a response that is not a success. */
export function responseError(
	response: DibbyResponse,
	{ redact, credential }: Connection,
	{ runId, inputs }: Purpose,
): ErrorDetails {
	const { status } = response;
	const starting = inputs !== undefined;
	const error = (message: string, advice: string, outcomeUnknown = false): ErrorDetails => ({
		message,
		description: `${quoteAnswer(response, redact)}${advice}`,
		httpStatus: status,
		outcomeUnknown,
		runId,
	});
	const sent = starting ? ` Sent: ${inputs}.` : '';
	const refuser = /^\s*</.test(response.text)
		? 'The answer is a web page, so that a firewall or a proxy on the way may have refused the request. '
		: '';
	switch (status) {
		case 401:
			return error(
				'Dibby did not accept the token',
				'Open the Dibby API credential, paste the token from your Dibby account again, and save it.',
			);
		case 403:
			return error(
				'Dibby does not allow this with the token',
				`${refuser}Check that the token belongs to the account that owns the workflow.`,
			);
		case 404:
			return starting
				? error(
						'Dibby does not know this workflow',
						"Check Workflow: open the workflow in Dibby and paste the page's address again. The token must belong to the same account. Check the Base URL in the Dibby API credential too: it normally is https://dibby.ai/api.",
					)
				: error(
						'Dibby does not know this run',
						"Check the run's ID, and that the token belongs to the account in which the run was started.",
					);
		case 400:
		case 422:
			return error(
				'Dibby did not accept the inputs',
				`Names and types must be exactly those of the workflow's Start Node.${sent}`,
			);
		case 407:
			return error(
				'The proxy asks for a login',
				'Enter Proxy under Request Options in the settings with the user name and the password, as http://user:password@host:port. Without one there, it is the proxy that your n8n is set up with.',
			);
		case 413:
			return error(
				'The documents are too large for Dibby',
				`Send smaller files or fewer of them.${sent}`,
			);
		case 429:
			return error(
				'Dibby is receiving too many requests',
				`The node tried as often as it may. Wait a while, lower Requests at Once in the options, or space the items with Batching in the settings.${starting ? '' : ` ${FETCH_LATER}`}`,
			);
		case 503:
			return error(
				'Dibby is not available at the moment',
				`The node tried as often as it may. ${starting ? 'Run it again later.' : FETCH_LATER}`,
			);
	}
	const isUnknown = starting && mayHaveStarted(status);
	if (status >= 300 && status < 400) {
		const advice = redirectAdvice(response.location, credential.latest.baseUrl, redact);
		return error(
			'The Base URL redirects to another address',
			isUnknown ? `${LOOK_FIRST} ${advice}` : advice,
			isUnknown,
		);
	}
	if (mayHaveStarted(status)) {
		const advice = isUnknown ? LOOK_FIRST : FETCH_LATER;
		return error(`Dibby could not process the request (HTTP ${status})`, advice, isUnknown);
	}
	return error(
		`Dibby refused the request (HTTP ${status})`,
		'Check the Base URL in the Dibby API credential and the parameters of the node.',
	);
}

function redirectAdvice(location = '', baseUrl: string, redact: Redactor): string {
	const from = new URL(`${baseUrl}/runs`);
	const isAddress = location !== '' && URL.canParse(location, from.href);
	const target = isAddress ? new URL(location, from.href) : undefined;
	if (target?.origin === from.origin) {
		return `It leads to another path of the same server (${redact.quote(target.pathname)}). The node follows no redirect. Check the Base URL in the Dibby API credential: it normally is https://dibby.ai/api.`;
	}
	const isNamed = target !== undefined && target.origin !== 'null';
	return `It leads to ${isNamed ? redact.quote(target.origin) : 'another address'}. The node does not follow it, so that the token goes nowhere else. If you trust that address, enter it in the Dibby API credential.`;
}

/** The error for a response that is a success, but holds no run. */
export function notARunError(
	response: DibbyResponse,
	redact: Redactor,
	{ runId, inputs }: Purpose,
): ErrorDetails {
	const what = response.json === undefined ? 'JSON' : 'a run';
	const starting = inputs !== undefined;
	const advice = starting
		? LOOK_FIRST
		: 'Check that the Base URL in the Dibby API credential is that of the API, https://dibby.ai/api.';
	// Whole: a run's ID may be anywhere in it.
	const words = quoteAnswer({ json: undefined, text: response.text }, redact);
	return {
		message: `Dibby answered with something that is not ${what}`,
		description: `${words}${advice}`,
		httpStatus: response.status,
		outcomeUnknown: starting,
		runId,
	};
}
