/** What people copy with the token from an example of a request. */
const SCHEME = /^Bearer\s+/i;

/** The token of a Dibby API credential as it is sent: without white space around it, and without the scheme in front. */
export function tokenOf(token: unknown): string {
	return typeof token === 'string' ? token.trim().replace(SCHEME, '') : '';
}

/** What no HTTP header can hold: some versions of n8n leave it out silently, others break the request off. */
export const NOT_IN_A_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** What no token is made of. The test says so; a run leaves it to Dibby, where a header can hold it. */
export const NOT_IN_A_TOKEN = /[^\x21-\x7e]/;
