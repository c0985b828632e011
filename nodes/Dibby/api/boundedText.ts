/**
 * The largest text that is read, in bytes. The text, its parsed form and the files in it are in memory together,
 * so this bounds what a broken or hostile server can make n8n hold. Documents that go to n8n's storage don't count.
 */
const LARGEST_TEXT_BYTES = 256 * 1024 * 1024;

/** As many pieces are put together into one, so that small ones cost little more than their bytes. */
const MOST_PIECES = 128;

const SMALL_BYTES = 16 * 1024;

export class TooLargeError extends Error {}

/** Text that is put together of pieces, as long as it is not too much. */
export class BoundedText {
	private readonly blocks: Buffer[] = [];

	private pieces: Buffer[] = [];

	private bytes = 0;

	add(piece: Buffer): void {
		this.count(piece.length);
		// A copy of a small one, which would hold the whole chunk that it came in.
		this.pieces.push(piece.length < SMALL_BYTES ? Buffer.from(piece) : piece);
		if (this.pieces.length < MOST_PIECES) return;
		this.blocks.push(Buffer.concat(this.pieces));
		this.pieces = [];
	}

	/** Counts bytes that are kept in memory somewhere else. */
	count(bytes: number): void {
		if (this.exceedsWith(bytes)) throw new TooLargeError('The answer is too large');
		this.bytes += bytes;
	}

	/** Whether so many bytes more would be too much. */
	exceedsWith(bytes: number): boolean {
		return this.bytes + bytes > LARGEST_TEXT_BYTES;
	}

	/** @param rest what is to stand behind it */
	whole(rest: Buffer): Buffer {
		return Buffer.concat([...this.blocks, ...this.pieces, rest]);
	}
}
