export const DEFAULT_BASE_URL = 'https://dibby.ai/api';

/** Hosts that may use plain http: a Dibby sandbox on the same machine. */
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Link-local addresses reach a cloud machine's metadata service, never Dibby. */
const LINK_LOCAL = /^(169\.254\.|\[fe[89ab][0-9a-f]:|\[::ffff:a9fe:|metadata\.)/;

/** The Base URL as the node uses it: trimmed, and without trailing slashes. */
export function baseUrlOf(baseUrl: unknown): string {
	return String(baseUrl)
		.trim()
		.replace(/(?<!\/)\/+$/, '');
}

/**
 * Checks the Base URL of a Dibby API credential. White space around it doesn't matter.
 *
 * @param baseUrl what the user entered, for example `https://dibby.ai/api`
 * @returns what is wrong, as a sentence for the user; undefined if the URL is allowed
 */
export function validateBaseUrl(baseUrl: unknown): string | undefined {
	const reason = findProblem(baseUrl);
	return reason && `The 'Base URL' of the Dibby API credential ${reason}`;
}

function findProblem(baseUrl: unknown): string | undefined {
	if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl.trim())) {
		return "isn't a valid URL. It's usually https://dibby.ai/api";
	}
	const { username, password, hostname, protocol } = new URL(baseUrl.trim());
	if (username || password) return "can't contain a username or password";
	// Checked in the text, because a parsed URL doesn't show an empty query. The path would become part of the query.
	if (/[?#]/.test(baseUrl)) return 'can\'t contain "?" or "#"';
	if (LINK_LOCAL.test(hostname)) return "can't be a link-local address, such as 169.254.169.254";
	const isAllowed = protocol === 'https:' || (protocol === 'http:' && LOCAL_HOSTS.has(hostname));
	return isAllowed ? undefined : 'must begin with https://';
}

/**
 * Whether a request goes to the credential's own Dibby, so that nobody else receives the token.
 *
 * @param baseUrl a valid Base URL
 * @param request the request's `baseURL` and `url`, which n8n joins
 */
export function isSameOrigin(
	baseUrl: string,
	request: { baseURL?: string; url?: string; uri?: string },
): boolean {
	// n8n's HTTP Request node, which can use this credential too, names the URL `uri`.
	const url = request.url ?? request.uri ?? '';
	const target = URL.canParse(url) ? url : `${request.baseURL ?? ''}${url}`;
	return URL.canParse(target) && new URL(target).origin === new URL(baseUrl.trim()).origin;
}
