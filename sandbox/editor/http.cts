const TIMEOUT_MS = 240_000;

/** A response of n8n's REST API that isn't a 2xx. */
export class N8nError extends Error {
	override name = 'N8nError';

	constructor(
		readonly status: number,
		body: string,
		request: string,
	) {
		super(`n8n responded to ${request} with ${status}: ${body.slice(0, 300)}`);
	}
}

/** A session of n8n's REST API at `/rest`. */
export class RestSession {
	/** `name=value` of n8n's login cookie, which also logs a browser in. */
	cookie = '';

	/** @param timeoutMs for each request; loading a large execution takes minutes */
	constructor(
		readonly url: string,
		private readonly timeoutMs = TIMEOUT_MS,
	) {}

	/**
	 * @param path below `/rest`
	 * @param body sent as JSON
	 * @returns the response's `data`, or the whole response if it has none
	 * @throws {N8nError} for any status but a 2xx
	 */
	async request<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: {
				// A busy n8n can close a reused connection at the moment of the next request.
				connection: 'close',
				'content-type': 'application/json',
				cookie: this.cookie,
			},
			body: body === undefined ? undefined : JSON.stringify(body),
			signal: AbortSignal.timeout(this.timeoutMs),
		});
		for (const cookie of response.headers.getSetCookie()) {
			if (cookie.startsWith('n8n-auth=')) this.cookie = cookie.split(';')[0] ?? '';
		}
		const text = await response.text();
		if (!response.ok) throw new N8nError(response.status, text, `${method} ${path}`);
		const parsed = (text === '' ? {} : JSON.parse(text)) as { data?: T };
		return parsed.data ?? (parsed as T);
	}
}
