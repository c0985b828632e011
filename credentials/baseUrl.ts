/** Hosts on which plain http is allowed: a local Dibby for development never leaves the machine. */
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Link-local addresses reach a machine's own metadata service; no Dibby is ever there. */
const LINK_LOCAL = /^(169\.254\.|\[fe[89ab][0-9a-f]:|\[::ffff:a9fe:|metadata\.)/;

/**
 * Says what is wrong with the Base URL of a Dibby API credential. White space around it is not: it is left out.
 *
 * @param baseUrl what the user typed, e.g. `https://dibby.ai/api`
 * @returns a sentence for the user, or undefined when the URL may be called
 */
export function validateBaseUrl(baseUrl: unknown): string | undefined {
	if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl.trim())) {
		return 'The Base URL of the Dibby API credential is not a web address. It normally is https://dibby.ai/api';
	}
	const url = new URL(baseUrl.trim());
	if (url.username || url.password) {
		return 'The Base URL of the Dibby API credential must not contain a user name or a password';
	}
	// An empty query leaves no trace in a parsed address, and everything behind it would become the query.
	if (/[?#]/.test(baseUrl)) {
		return 'The Base URL of the Dibby API credential must end before any "?" or "#"';
	}
	if (LINK_LOCAL.test(url.hostname)) {
		return 'The Base URL of the Dibby API credential points to a link-local address, where no Dibby can be';
	}
	const isLocal = LOCAL_HOSTS.has(url.hostname);
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) {
		return 'The Base URL of the Dibby API credential must begin with https://';
	}
	return undefined;
}

/**
 * Tells whether a request goes to the Dibby that the credential is for, so that the token reaches nobody else.
 *
 * @param baseUrl a Base URL without a problem
 * @param request the request's `baseURL` and `url`, joined as n8n joins them
 */
export function isSameOrigin(
	baseUrl: string,
	request: { baseURL?: string; url?: string; uri?: string },
): boolean {
	// n8n's HTTP Request node, which can use the credential too, says `uri`.
	const url = request.url ?? request.uri ?? '';
	const target = URL.canParse(url) ? url : `${request.baseURL ?? ''}${url}`;
	return URL.canParse(target) && new URL(target).origin === new URL(baseUrl.trim()).origin;
}
