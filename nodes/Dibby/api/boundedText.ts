/**
 * The largest text that is read, in bytes. The text, its parsed form and the files in it are in memory together,
 * so this bounds what a broken or hostile server can make n8n hold. Documents that go to n8n's storage don't count.
 */
const LARGEST_TEXT_BYTES = 256 * 1024 * 1024;

/** Small pieces are put together, so that many of them cost no more than their bytes. */
const BLOCK_BYTES = 64 * 1024;

export class TooLargeError extends Error {}

/** Text that is put together of pieces, as long as it is not too much. */
export class BoundedText {
	private readonly pieces: Buffer[] = [];

	private block?: Buffer;

	private used = 0;

	private bytes = 0;

	add(piece: Buffer): void {
		this.count(piece.length);
		if (this.used + piece.length > BLOCK_BYTES) this.endBlock();
		if (piece.length > BLOCK_BYTES / 4) {
			this.endBlock();
			this.pieces.push(piece);
			return;
		}
		this.block ??= Buffer.alloc(BLOCK_BYTES);
		this.used += piece.copy(this.block, this.used);
	}

	/** Counts bytes that are kept in memory somewhere else. */
	count(bytes: number): void {
		this.bytes += bytes;
		if (this.bytes > LARGEST_TEXT_BYTES) throw new TooLargeError('The answer is too large');
	}

	/** Whether so many bytes more would be too much. */
	exceedsWith(bytes: number): boolean {
		return this.bytes + bytes > LARGEST_TEXT_BYTES;
	}

	whole(): Buffer {
		this.endBlock();
		return Buffer.concat(this.pieces);
	}

	private endBlock(): void {
		if (this.block !== undefined && this.used > 0) {
			this.pieces.push(Buffer.from(this.block.subarray(0, this.used)));
		}
		this.used = 0;
	}
}
