import { jsonParse } from 'n8n-workflow';

/** The response to the credential test. */
export interface TestResponse {
	status: number;
	/** The body, or its beginning. */
	text: string;
}

const USUALLY = "It's usually https://dibby.ai/api";

export const NO_RESPONSE =
	"Dibby didn't respond in time. Check the 'Base URL' and your n8n proxy settings, or test again later.";

const REFUSALS: Readonly<Record<number, string>> = {
	401: 'Dibby rejected this token. Copy it again from your Dibby account.',
	403: 'Dibby recognized this token but denied access. Check which account the token belongs to.',
	407: 'Your n8n proxy requires a login. Add the username and password where you configured the proxy.',
	429: 'Dibby is receiving too many requests. Test again in a minute.',
};

/** An API reports that the run doesn't exist with one of these. */
const NO_SUCH_RUN: readonly number[] = [400, 404, 422];

/**
 * Explains the response to a request for a run that can't exist. Contains no text from the server, so that no server
 * can make n8n show or store the token.
 *
 * @returns undefined if an API responded and accepted the token
 */
export function describeResponse({ status, text }: TestResponse): string | undefined {
	if (REFUSALS[status] !== undefined) return REFUSALS[status];
	if (status >= 300 && status < 400) {
		return `The 'Base URL' redirects to another URL. ${USUALLY}`;
	}
	if (status >= 500) {
		return `Dibby couldn't process the request (HTTP ${status}). Test again later.`;
	}
	if (/^\s*</.test(text)) {
		return `The 'Base URL' returns a web page instead of the Dibby API. ${USUALLY}`;
	}
	if (!isJsonObject(text)) {
		return `The 'Base URL' doesn't return JSON, so it isn't the URL of the Dibby API. ${USUALLY}`;
	}
	if (status >= 400 && !NO_SUCH_RUN.includes(status)) {
		return `The server at the 'Base URL' rejected the request (HTTP ${status}). ${USUALLY}`;
	}
	return undefined;
}

function isJsonObject(text: string): boolean {
	const json: unknown = jsonParse(text, { fallbackValue: null });
	return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Messages for failed connections, by Node.js error code. The first match counts. */
const FAILURES: ReadonlyArray<[code: RegExp, message: string]> = [
	[
		/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/,
		"Can't connect to Dibby. Check the 'Base URL' and your n8n proxy and firewall settings.",
	],
	[
		/^(ENOTFOUND|EAI_\w+)$/,
		"n8n can't find the server in 'Base URL'. Check the URL, and make sure that your n8n instance can access the internet.",
	],
	[/^(ETIMEDOUT|ESOCKETTIMEDOUT|ECONNABORTED)$/, NO_RESPONSE],
	[
		/^(EPROTO|ERR_SSL_\w+)$/,
		"The server at the 'Base URL' doesn't support https. Check the URL and its port.",
	],
	[
		/CERT|ISSUER|SIGNATURE|ERR_TLS/,
		"The connection to Dibby isn't secure: n8n couldn't verify the certificate. Check the 'Base URL', or ask your network administrator.",
	],
	[
		/^(ECONNRESET|EPIPE|ERR_BAD_RESPONSE)$/,
		'The connection to Dibby was interrupted. Test again later.',
	],
];

/** Explains a request that got no response. */
export function describeFailure(error: unknown): string {
	const code = codeOf(error);
	const known = FAILURES.find(([pattern]) => pattern.test(code));
	if (known !== undefined) return known[1];
	const named = code === '' ? '' : ` (${code})`;
	return `n8n couldn't send the request to Dibby${named}. Check the 'Base URL' and your n8n proxy settings.`;
}

/** n8n wraps errors in errors; one of them has the code. */
function codeOf(error: unknown): string {
	for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
		const { code, cause } = at as { code?: unknown; cause?: unknown };
		if (typeof code === 'string' && /^[A-Z]\w{0,60}$/.test(code)) return code;
		at = cause;
	}
	return '';
}
