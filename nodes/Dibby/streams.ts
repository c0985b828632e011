import type { N8nServices } from './types';

/** A stream of Node.js, as n8n hands it out: node code may import neither the type nor the class from `stream`. */
export type Stream = Awaited<ReturnType<N8nServices['helpers']['getBinaryStream']>>;

/** Makes a stream of pieces, of the class of one that is there. Nothing is read before it is. */
export function streamLike(given: Stream, pieces: AsyncIterable<Buffer>): Stream {
	const { from } = given.constructor as unknown as {
		from: (pieces: AsyncIterable<Buffer>) => Stream;
	};
	return from(pieces);
}
