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
