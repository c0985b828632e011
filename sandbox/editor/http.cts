const TIMEOUT_MS = 240_000;

/** An answer of n8n's REST interface that is not a 2xx. */
export class N8nError extends Error {
	override name = 'N8nError';

	constructor(
		readonly status: number,
		readonly body: unknown,
		request: string,
	) {
		super(`n8n answered ${request} with ${status}: ${messageOf(body)}`);
	}
}

/** Talks to `/rest` of one n8n, and keeps the cookie of the one who is logged in. */
export class RestSession {
	/** `name=value` of n8n's log-in cookie; give it to a browser to be logged in there too. */
	cookie = '';

	constructor(
		readonly url: string,
		private readonly timeoutMs = TIMEOUT_MS,
	) {}

	/**
	 * @param path below `/rest`, such as `/workflows`
	 * @param body sent as JSON
	 * @returns what n8n wraps in `data`, or the whole body where it wraps nothing
	 * @throws {N8nError} any status but a 2xx
	 */
	async request<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: {
				// A busy n8n can close a connection that was kept in the moment it is used again.
				connection: 'close',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...(this.cookie ? { cookie: this.cookie } : {}),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(this.timeoutMs),
		});
		for (const cookie of response.headers.getSetCookie()) {
			if (cookie.startsWith('n8n-auth=')) this.cookie = cookie.split(';')[0] ?? '';
		}
		const answer = parse(await response.text());
		if (!response.ok) throw new N8nError(response.status, answer, `${method} ${path}`);
		const wrapped = typeof answer === 'object' && answer !== null && 'data' in answer;
		// Lists come with a count beside the data, which nothing here needs.
		return (wrapped ? answer.data : answer) as T;
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// The editor's page, or a plain sentence.
		return text;
	}
}

function messageOf(body: unknown): string {
	if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message);
	return String(body).slice(0, 300);
}
