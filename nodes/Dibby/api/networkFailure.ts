/** Why a request got no usable response. */
export interface NetworkFailure {
	kind:
		| 'cancelled'
		| 'refused'
		| 'unknownHost'
		| 'certificate'
		| 'notAllowed'
		| 'timeout'
		| 'closed'
		| 'halfSent'
		| 'truncated'
		| 'tooLarge'
		| 'fileChanged';
	/** False when Dibby surely did not get the request; undefined when nobody knows; true when it answered. */
	delivered: boolean | undefined;
	/** The operating system's or n8n's own words, for the description. */
	detail?: string;
	/** What came of an answer that broke off. */
	received?: string;
}

/** A link in the chain of errors that n8n and axios wrap around the first one. */
interface Link {
	code?: unknown;
	syscall?: unknown;
	message?: unknown;
	isAxiosError?: unknown;
	cause?: unknown;
	/** n8n's own errors: the first error's code, and its words, which in many versions are all that is left of it. */
	httpCode?: unknown;
	messages?: unknown;
}

/** Thrown by the body of a request. Only its words come back out of n8n's and axios' errors. */
export const FILE_CHANGED = 'The file changed while it was read';

/** No connection, where connecting failed; read and write can fail with most of these too, after Dibby got the request. */
const NOT_CONNECTED = new Set([
	'ECONNREFUSED',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
	'EHOSTDOWN',
]);

const UNKNOWN_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);

const TIMED_OUT = new Set(['ETIMEDOUT', 'ECONNABORTED', 'ESOCKETTIMEDOUT']);

/**
 * What Node.js calls a connection that does not become secure; the request is not sent then. With ERR_SSL_… one breaks
 * that was secure, such as by a byte that was changed on the way (tried with Node 20 and 24): Dibby may have the request.
 */
const CERTIFICATE = /^(?!ERR_SSL_).*(CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|EPROTO)/;

/**
 * Reads from an error what happened to the request. What matters is whether Dibby may have got it:
 * only a request that surely did not arrive may be sent again.
 */
export function networkFailureOf(error: unknown): NetworkFailure {
	const chain = linksOf(error);
	const codes = chain
		.flatMap(({ code, httpCode }) => [code, httpCode])
		.filter((code) => typeof code === 'string');
	const has = (known: Set<string>) => codes.some((code) => known.has(code));
	const duringConnect = chain.some(
		({ syscall, message, messages }) => syscall === 'connect' || saysConnect([message, messages]),
	);

	if (chain.some(({ message }) => message === FILE_CHANGED)) {
		return { kind: 'fileChanged', delivered: false };
	}
	if (has(UNKNOWN_HOST)) return { kind: 'unknownHost', delivered: false };
	if (duringConnect && (has(NOT_CONNECTED) || has(TIMED_OUT))) {
		return { kind: 'refused', delivered: false };
	}
	if (has(TIMED_OUT)) return { kind: 'timeout', delivered: undefined };
	if (codes.some((code) => CERTIFICATE.test(code))) {
		return { kind: 'certificate', delivered: false, detail: messageOf(chain) };
	}
	// n8n refuses some requests before it makes them: blocked addresses, domains that the credential excludes.
	// Versions that keep no first error leave that open, and then nobody knows.
	const isBeforeRequest =
		chain.length > 1 && !chain.some(({ isAxiosError }) => isAxiosError === true);
	if (isBeforeRequest && codes.length === 0) {
		return { kind: 'notAllowed', delivered: false, detail: messageOf(chain) };
	}
	return { kind: 'closed', delivered: duringConnect ? false : undefined };
}

function linksOf(error: unknown): Link[] {
	const links: Link[] = [];
	for (let link = error; typeof link === 'object' && link !== null && links.length < 8;) {
		links.push(link);
		link = (link as Link).cause;
	}
	return links;
}

/**
 * The system's words for a connection that was never made begin with the call: "connect ETIMEDOUT 10.0.0.1:443".
 * Those of Node.js for one that ended before it was secure, and so before anything was sent, say that.
 */
function saysConnect(messages: unknown[]): boolean {
	const words = messages.flat().map(String);
	return words.some((text) => /^connect E|before secure TLS connection/.test(text));
}

function messageOf(chain: Link[]): string {
	return String(chain.at(-1)?.message ?? '');
}
