/** Characters that an HTTP header can't contain: n8n drops them silently, or the request fails. */
export const NOT_IN_A_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** Characters that tokens don't contain. The credential test rejects them; a run leaves the decision to Dibby. */
export const NOT_IN_A_TOKEN = /[^\x21-\x7e]/;

/** The token as it is sent: without white space around it, and without a copied "Bearer" before it. */
export function tokenOf(token: unknown): string {
	return typeof token === 'string' ? token.trim().replace(/^Bearer\s+/i, '') : '';
}
