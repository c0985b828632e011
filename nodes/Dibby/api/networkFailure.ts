import { NodeOperationError } from 'n8n-workflow';
import type { IN8nHttpFullResponse, INode } from 'n8n-workflow';

/** Why a request got no usable response. */
export interface NetworkFailure {
	kind:
		| 'cancelled'
		| 'refused'
		| 'unknownHost'
		| 'proxy'
		| 'certificate'
		| 'notAllowed'
		| 'timeout'
		| 'closed'
		| 'halfSent'
		| 'truncated'
		| 'tooLarge'
		| 'fileChanged';
	/** True if Dibby responded, false if it definitely didn't get the request, undefined if unknown. */
	delivered: boolean | undefined;
	/** The original error message, or the name of an unknown host. */
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
	/** Node.js's request, with the connection that it got. */
	request?: {
		protocol?: string;
		socket?: { connecting?: boolean; secureConnecting?: boolean; encrypted?: boolean } | null;
	};
	/** For statuses that n8n reports as errors. */
	response?: { status: number; headers: object; data: unknown };
}

/** Thrown by a request's body. Only the message survives the wrapping by axios and n8n. */
export const FILE_CHANGED = 'The file changed while it was read';

/** Means "not connected" only while connecting: reading and writing can fail with these too, after Dibby got the request. */
const NOT_CONNECTED = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN'];

const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'];

const TIMED_OUT = ['ETIMEDOUT', 'ECONNABORTED', 'ESOCKETTIMEDOUT'];

/**
 * Codes for a connection that doesn't become secure, so that nothing is sent. Not ERR_SSL_…: a secure connection can fail
 * with these too, for example because of a corrupted byte (tried with Node 20 and 24), after Dibby got the request.
 */
const CERTIFICATE = /^(?!ERR_SSL_).*(CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|EPROTO)/;

/**
 * Messages for a connection that failed before anything was sent: the system's begin with the call, as in "connect
 * ETIMEDOUT 10.0.0.1:443". Some versions of n8n keep only the message.
 */
const NOT_SENT = /^connect E|before secure TLS connection|proxy CONNECT|receiving CONNECT/;

/**
 * Finds out from an error what happened to a request. What matters is whether Dibby may have got it: only a request that
 * definitely didn't arrive may be sent again.
 */
export function networkFailureOf(error: unknown): NetworkFailure {
	const chain = linksOf(error);
	const codes = chain.flatMap(({ code, httpCode }) => [code, httpCode]).map(String);
	const texts = chain
		.flatMap(({ message, messages }) => [message, messages].flat())
		.filter((text) => typeof text === 'string');
	const has = (known: string[]) => codes.some((code) => known.includes(code));
	const isUnsent =
		chain.some((link) => link.syscall === 'connect' || isUnconnected(link)) ||
		texts.some((text) => NOT_SENT.test(text));
	const detail = texts.at(-1) ?? '';

	if (texts.includes(FILE_CHANGED)) return { kind: 'fileChanged', delivered: false };
	if (has(UNKNOWN_HOST)) {
		const host = texts.map((text) => /^getaddrinfo \w+ (\S+)/.exec(text)?.[1]).find(Boolean);
		return { kind: 'unknownHost', delivered: false, detail: host };
	}
	if (chain.some(isFromProxy) || texts.some((text) => /\bCONNECT\b/.test(text))) {
		return { kind: 'proxy', delivered: false, detail };
	}
	if (isUnsent && has([...NOT_CONNECTED, ...TIMED_OUT])) {
		return { kind: 'refused', delivered: false };
	}
	if (has(TIMED_OUT)) return { kind: 'timeout', delivered: undefined };
	if (codes.some((code) => CERTIFICATE.test(code))) {
		return { kind: 'certificate', delivered: false, detail };
	}
	// n8n blocks some requests itself. Versions that drop the original error show that only for allowed domains.
	const isFromN8n = chain.length > 1 && !chain.some(({ isAxiosError }) => isAxiosError === true);
	const hasCode = chain.some(({ code, httpCode }) => typeof (code ?? httpCode) === 'string');
	if ((isFromN8n && !hasCode) || detail.startsWith('Domain not allowed'))
		return { kind: 'notAllowed', delivered: false, detail };
	return { kind: 'closed', delivered: isUnsent ? false : undefined };
}

/** Whether n8n's errors lead to the request and its connection. n8n 2.20 drops the original error. */
const KEEPS_CAUSE = new NodeOperationError({} as INode, new Error('Test')).cause !== undefined;

/**
 * What n8n is told about statuses. It reports some of them as errors, because only errors lead to the connection, which
 * tells whether a proxy responded or Dibby. n8n 1.x takes any object for `true`.
 */
export function statusOption(reported: readonly number[]): true {
	return (KEEPS_CAUSE ? { ignore: true, except: reported } : true) as true;
}

/** Dibby's response, if n8n reported it as an error. */
export function responseOf(error: unknown): IN8nHttpFullResponse | undefined {
	const link = linksOf(error).find(({ response }) => response !== undefined);
	if (link?.response === undefined || isFromProxy(link)) return undefined;
	const { status, headers, data } = link.response;
	return { statusCode: status, headers, body: data } as IN8nHttpFullResponse;
}

/** Whether the response is a proxy's, which couldn't or wouldn't connect to Dibby: its connection isn't encrypted. */
function isFromProxy({ request, response }: Link): boolean {
	return (
		response !== undefined && request?.protocol === 'https:' && request.socket?.encrypted !== true
	);
}

/** Whether a request never got a connection, or only one that wasn't ready. */
function isUnconnected({ request }: Link): boolean {
	const socket = request?.socket;
	return socket === null || socket?.connecting === true || socket?.secureConnecting === true;
}

function linksOf(error: unknown): Link[] {
	const links: Link[] = [];
	for (let link = error; typeof link === 'object' && link !== null && links.length < 8;) {
		links.push(link);
		link = (link as Link).cause;
	}
	return links;
}
