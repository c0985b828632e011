import { jsonParse } from 'n8n-workflow';

/** What came back when the credential was tested. */
export interface TestAnswer {
	status: number;
	/** The beginning of the body, at least. */
	text: string;
}

const NORMALLY = 'It normally is https://dibby.ai/api';

const WEB_PAGE = `The Base URL answers with a web page, not with the API. ${NORMALLY}`;

/** An API's answer is JSON; these are the statuses with which one says that there is no such run. */
const SAYS_NO_SUCH_RUN: readonly number[] = [400, 404, 422];

export const NO_ANSWER =
	'Dibby did not answer in time. Check the Base URL and the proxy of your n8n, or test again later.';

/**
 * Says what Dibby's answer about a run that can't exist means for the credential.
 * No word of the server is in it, so that no server can make n8n show or store the token.
 *
 * @returns undefined when an API gave the answer, and accepted the token
 */
export function describeAnswer({ status, text }: TestAnswer): string | undefined {
	if (status === 401) {
		return 'Dibby did not accept this token. Copy it again from your Dibby account.';
	}
	if (status === 403) {
		return 'Dibby knows this token but does not allow it. Check the account it belongs to.';
	}
	if (status === 407) {
		return 'The proxy of your n8n asks for a login. Enter its user name and password where the proxy is set up.';
	}
	if (status === 429) {
		return 'Dibby is receiving too many requests. Test again in a minute.';
	}
	if (status >= 300 && status < 400) {
		return `The Base URL redirects to another address. ${NORMALLY}`;
	}
	if (status >= 500) {
		return `Dibby could not process the request at the moment (HTTP ${status}). Test again later.`;
	}
	if (/^\s*</.test(text)) return WEB_PAGE;
	if (!isJsonObject(text)) {
		return `The Base URL answers with something that is not JSON, so it is not that of the API. ${NORMALLY}`;
	}
	if (status >= 400 && !SAYS_NO_SUCH_RUN.includes(status)) {
		return `The Base URL refuses the request (HTTP ${status}). ${NORMALLY}`;
	}
	return undefined;
}

function isJsonObject(text: string): boolean {
	const json: unknown = jsonParse(text, { fallbackValue: null });
	return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** What a failed connection means, by the code that Node gives it; the first that fits. */
const FAILURES: ReadonlyArray<[code: RegExp, sentence: string]> = [
	[
		/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/,
		'Dibby can not be reached: no connection could be made. Check the Base URL, and the proxy and the firewall of your n8n.',
	],
	[
		/^(ENOTFOUND|EAI_\w+)$/,
		'The address in Base URL is not known. Check it, and that your n8n has access to the internet.',
	],
	[/^(ETIMEDOUT|ESOCKETTIMEDOUT|ECONNABORTED)$/, NO_ANSWER],
	[
		/^(EPROTO|ERR_SSL_\w+)$/,
		'The server at the Base URL does not answer with https. Check the address and its port.',
	],
	[
		/CERT|ISSUER|SIGNATURE|ERR_TLS/,
		'The connection to Dibby is not secure: the certificate was not accepted. Check the Base URL, or ask who runs your network.',
	],
	[/^(ECONNRESET|EPIPE|ERR_BAD_RESPONSE)$/, 'The connection to Dibby broke off. Test again later.'],
];

/** Puts a request that got no answer into words. */
export function describeFailure(error: unknown): string {
	const code = codeOf(error);
	const known = FAILURES.find(([pattern]) => pattern.test(code));
	if (known !== undefined) return known[1];
	const named = code === '' ? '' : ` (${code})`;
	return `The request to Dibby could not be made${named}. Check the Base URL, and the proxy of your n8n.`;
}

/** n8n puts errors into errors; the code is on one of them. */
function codeOf(error: unknown): string {
	for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
		const { code, cause } = at as { code?: unknown; cause?: unknown };
		if (typeof code === 'string' && /^[A-Z]\w{0,60}$/.test(code)) return code;
		at = cause;
	}
	return '';
}
