/** Reads a stream in pieces of any size. Nothing is read ahead: who is slow slows the sender. */
export class BodyReader {
	/** Whether the stream broke off. */
	hasFailed = false;

	private readonly chunks: AsyncIterator<Buffer>;

	private chunk: Buffer = Buffer.alloc(0);

	/** What is being put together, from the rest on. */
	private pieces: Buffer[] = [];

	constructor(stream: AsyncIterable<Buffer>) {
		this.chunks = stream[Symbol.asyncIterator]();
	}

	/** What was read and not used yet. */
	get rest(): Buffer {
		return this.chunk;
	}

	/** What came of more than the rest, after the reading was broken off. */
	get unfinished(): Buffer {
		return Buffer.concat(this.pieces);
	}

	/** Uses some of the rest. */
	take(bytes: number): Buffer {
		const taken = this.chunk.subarray(0, bytes);
		this.chunk = this.chunk.subarray(bytes);
		return taken;
	}

	/**
	 * Reads until the rest has at least so many bytes.
	 *
	 * @returns false when the stream ended before
	 * @throws Error when it broke off
	 */
	async fill(bytes: number): Promise<boolean> {
		if (this.chunk.length >= bytes) return true;
		this.pieces = this.chunk.length > 0 ? [this.chunk] : [];
		let length = this.chunk.length;
		while (length < bytes) {
			const piece = await this.next();
			if (piece === undefined) break;
			this.pieces.push(piece);
			length += piece.length;
		}
		const [only] = this.pieces;
		this.chunk = this.pieces.length === 1 && only !== undefined ? only : this.unfinished;
		this.pieces = [];
		return length >= bytes;
	}

	private async next(): Promise<Buffer | undefined> {
		let isRead = false;
		try {
			const { done, value } = await this.chunks.next();
			isRead = true;
			return done === true ? undefined : value;
		} finally {
			this.hasFailed ||= !isRead;
		}
	}
}
