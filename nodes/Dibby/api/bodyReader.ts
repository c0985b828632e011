import type { Stream } from '../streams';

/**
 * Maximum size of a response, in bytes, not counting documents that n8n stores. The text, its parsed form, and its
 * files are in memory at the same time, so this limits what a broken or hostile server can make n8n hold.
 */
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads a response's body and collects its text. Nothing is read ahead, so a slow consumer slows the server down. */
export class BodyReader {
	/** Why the body wasn't read to its end; 'notBase64' if something isn't a document after all. */
	brokenBy?: 'cancelled' | 'timeout' | 'truncated' | 'tooLarge' | 'notBase64';

	/** What was read, but not used yet. */
	rest: Buffer = Buffer.alloc(0);

	private readonly chunks: AsyncIterator<Buffer>;

	/** The collected text. Doubles its size when it's full, so that small chunks cost no more than their bytes. */
	private collected = Buffer.alloc(0);

	private length = 0;

	private countedBytes = 0;

	constructor(readonly stream: Stream) {
		this.chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
	}

	/** Storages may wrap or swallow the error, so the reason is noted here. */
	fail(reason: 'truncated' | 'tooLarge' | 'notBase64'): never {
		this.brokenBy ??= reason;
		throw new Error(`The response is ${reason}`);
	}

	/**
	 * Reads the next chunk.
	 *
	 * @returns false at the end
	 */
	async more(): Promise<boolean> {
		const { done, value } = await this.chunks.next().catch(() => this.fail('truncated'));
		if (done === true) return false;
		this.rest = this.rest.length === 0 ? value : Buffer.concat([this.rest, value]);
		return true;
	}

	async readAll(): Promise<void> {
		while (await this.more()) this.addText(this.take(this.rest.length));
	}

	/** Takes bytes from the rest. */
	take(bytes: number): Buffer {
		const taken = this.rest.subarray(0, bytes);
		this.rest = this.rest.subarray(bytes);
		return taken;
	}

	addText(piece: Buffer): void {
		this.count(piece.length);
		this.append(piece);
	}

	/** Counts bytes that are held in memory elsewhere. */
	count(bytes: number): void {
		this.countedBytes += bytes;
		if (this.countedBytes > MAX_BYTES) this.fail('tooLarge');
	}

	/** All text so far, including the rest. Invalid UTF-8 becomes replacement characters. */
	text(): string {
		this.append(this.take(this.rest.length));
		return new TextDecoder().decode(this.collected.subarray(0, this.length));
	}

	private append(piece: Buffer): void {
		const length = this.length + piece.length;
		if (length > this.collected.length) {
			const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.collected.length));
			this.collected.copy(larger);
			this.collected = larger;
		}
		piece.copy(this.collected, this.length);
		this.length = length;
	}
}
