import type { DocumentDigest, ReceivedDocument } from './types.cts';

/** A document without its content. */
export function digestOf({ mediaType, bytes, sha256 }: ReceivedDocument): DocumentDigest {
	return { mediaType, bytes, sha256 };
}
