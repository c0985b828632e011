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
	/** True if Dibby responded, false if it definitely didn't get the request, undefined if nobody knows. */
	delivered: boolean | undefined;
	/** The original error message, for the description. */
	detail?: string;
	/** The part of the response that arrived before it was cut off. */
	received?: string;
}

/** A link in the chain of errors that n8n and axios wrap around the original one. */
interface Link {
	code?: unknown;
	syscall?: unknown;
	message?: unknown;
	isAxiosError?: unknown;
	cause?: unknown;
	/** n8n's own errors keep the original code and message here. Some versions drop the original error itself. */
	httpCode?: unknown;
	messages?: unknown;
}

/** Thrown by a request's body. Only the message survives the wrapping by axios and n8n. */
export const FILE_CHANGED = 'The file changed while it was read';

/** Means "not connected" only if connecting failed: reading and writing can fail with these too, after Dibby got the request. */
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
 * Codes for a connection that doesn't become secure, so that nothing is sent. Not ERR_SSL_…: a secure connection can fail
 * with these too, for example because of a corrupted byte (tried with Node 20 and 24), after Dibby got the request.
 */
const CERTIFICATE = /^(?!ERR_SSL_).*(CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|EPROTO)/;

/**
 * Finds out from an error what happened to a request. What matters is whether Dibby may have got it: only a request that
 * definitely didn't arrive may be sent again.
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
	// n8n blocks some requests itself, for example because of the credential's allowed domains.
	// Versions that drop the original error don't show that, so the outcome is unknown there.
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
 * The system's message for a failed connection begins with the call: "connect ETIMEDOUT 10.0.0.1:443". Node.js has its own
 * message for a connection that ended before it was secure, and so before anything was sent.
 */
function saysConnect(messages: unknown[]): boolean {
	const texts = messages.flat().map(String);
	return texts.some((text) => /^connect E|before secure TLS connection/.test(text));
}

function messageOf(chain: Link[]): string {
	return String(chain.at(-1)?.message ?? '');
}
