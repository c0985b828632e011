import type { N8nServices } from './types';

/** A Node.js stream from n8n. Node code can't import the class or its type from `stream`. */
export type Stream = Awaited<ReturnType<N8nServices['helpers']['getBinaryStream']>>;

/** Creates a stream of the same class as an existing one. The pieces are only produced as they are read. */
export function streamLike(existing: Stream, pieces: AsyncIterable<Buffer>): Stream {
	const { from } = existing.constructor as unknown as {
		from: (pieces: AsyncIterable<Buffer>) => Stream;
	};
	return from(pieces);
}
