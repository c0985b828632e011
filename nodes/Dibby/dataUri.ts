/** The start of a data URI. The content follows, in base64. */
const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+(?:;[\w.+-]+=[^;,]*)*)?;base64,/;

/** Maximum number of files on an item. Further documents stay in the JSON. */
export const MAX_FILES = 1_000;

/** The media type of a data URI and everything before its content; undefined for any other text. */
export function dataUriOf(text: string): { prefix: string; mediaType: string } | undefined {
	const match = DATA_URI.exec(text.slice(0, 300));
	// RFC 2397: a data URI without a media type is plain text.
	return match === null ? undefined : { prefix: match[0], mediaType: match[1] ?? 'text/plain' };
}

/**
 * Converts base64 to its standard form (RFC 4648): adds missing padding, removes line breaks, replaces the URL alphabet.
 * The regular expressions repeat nothing, so that a text of any length takes linear time.
 *
 * @returns undefined if the text isn't base64
 */
export function standardBase64(text: string): string | undefined {
	const end = text.search(/[^A-Za-z0-9+/]/);
	const isStandard = end < 0 || ['=', '=='].includes(text.slice(end));
	if (text.length % 4 === 0 && isStandard) return text;
	const compact = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/');
	const [digits = ''] = compact.split('=', 1);
	const isInvalid = /[^A-Za-z0-9+/]/.test(digits) || /[^=]/.test(compact.slice(digits.length));
	if (digits === '' || isInvalid || digits.length % 4 === 1) return undefined;
	return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}
