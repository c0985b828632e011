/** The start of a data URI; what follows is the content, in base64. */
const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+(?:;[\w.+-]+=[^;,]*)*)?;base64,/;

/** A longer one is none that anybody writes. */
const LONGEST_PREFIX = 300;

/** More files than this on one item are nothing that people work with; the rest stays in the JSON as it came. */
export const MAX_FILES = 1_000;

/**
 * Recognizes a document in a result.
 *
 * @returns how long its prefix is, and its media type; undefined for any other text
 */
export function dataUriOf(text: string): { prefix: string; mediaType: string } | undefined {
	const match = DATA_URI.exec(text.slice(0, LONGEST_PREFIX));
	// RFC 2397: a data URI that names no media type is plain text.
	return match === null ? undefined : { prefix: match[0], mediaType: match[1] ?? 'text/plain' };
}
