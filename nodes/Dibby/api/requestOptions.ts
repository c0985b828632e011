import type { IHttpRequestOptions } from 'n8n-workflow';

import { MAX_TIMER_MS } from '../clock';
import { inputError } from '../errors';
import type { ItemContext } from '../types';

/** n8n's own default for declarative nodes. */
const DEFAULT_TIMEOUT_MS = 300_000;

/** What n8n's Request Options set for every request of an item. */
export interface RequestOptions {
	/** For a whole exchange, from connecting to the last byte of the response, in milliseconds. */
	timeoutMs: number;
	skipSslCertificateValidation: boolean;
	proxy?: IHttpRequestOptions['proxy'];
	/** How many items make up a batch, and how long to pause after each, in milliseconds. */
	batch: { size: number; pauseMs: number };
}

/** n8n adds these parameters to every declarative node, but applies them only to requests of its own. */
interface GivenOptions {
	timeout?: unknown;
	proxy?: unknown;
	allowUnauthorizedCerts?: unknown;
	batching?: { batch?: { batchSize?: unknown; batchInterval?: unknown } };
}

/** @throws DibbyError if the proxy isn't a valid URL */
export function readRequestOptions(context: ItemContext): RequestOptions {
	const given = context.getNodeParameter('requestOptions', {}) as GivenOptions;
	const { timeout, proxy, allowUnauthorizedCerts, batching } = given;
	const milliseconds = Number(timeout);
	const size = Number(batching?.batch?.batchSize);
	const pauseMs = Number(batching?.batch?.batchInterval);
	return {
		timeoutMs: milliseconds > 0 ? Math.min(milliseconds, MAX_TIMER_MS) : DEFAULT_TIMEOUT_MS,
		skipSslCertificateValidation: allowUnauthorizedCerts === true,
		...(proxy ? { proxy: readProxy(proxy) } : {}),
		batch: { size: size > 0 ? size : 1, pauseMs: pauseMs > 0 ? pauseMs : 0 },
	};
}

function readProxy(given: unknown): RequestOptions['proxy'] {
	try {
		const { protocol, hostname, port, username, password } = new URL(String(given).trim());
		if (hostname === '') throw new Error('No host');
		const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
		return {
			protocol: protocol.slice(0, -1),
			host: hostname,
			port: Number(port) || (protocol === 'https:' ? 443 : 80),
			...(user || pass ? { auth: { username: user, password: pass } } : {}),
		};
	} catch {
		throw inputError(
			"'Proxy' isn't a valid URL",
			"In the node's settings, set 'Proxy' under 'Request Options' to http://user:password@host:port.",
		);
	}
}
