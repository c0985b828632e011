/** Longer quotes help nobody, and could hold what was sent. */
const LONGEST_QUOTE = 600;

/** A run of base64 this long is a document or a secret, not a sentence. */
const LOOKS_LIKE_CONTENT = /(?:data:[^\s,"]{0,200},)?[A-Za-z0-9+/=_-]{80,}/g;

/**
 * Makes text that came from a server fit to be shown: without the token, without documents, and short.
 *
 * @param token the credential's secret
 */
export function redactor(token: string): (text: string) => string {
	const secrets = [token, encodeURIComponent(token), Buffer.from(token).toString('base64')];
	return (text) => {
		let shown = text.slice(0, LONGEST_QUOTE * 20);
		for (const secret of secrets) if (secret !== '') shown = shown.replaceAll(secret, '[token]');
		shown = shown.replace(LOOKS_LIKE_CONTENT, '[content]').replace(/\s+/g, ' ').trim();
		return shown.length > LONGEST_QUOTE ? `${shown.slice(0, LONGEST_QUOTE)}…` : shown;
	};
}
