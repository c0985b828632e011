import { createCipheriv, createHash } from 'node:crypto';

/** Divisible by 3, so the base64 of the pieces can be joined. */
const PIECE_BYTES = 3 * 256 * 1024;

/**
 * The JSON of many documents with random bytes and their hashes, piece by piece. The same numbers result in the same
 * bytes.
 */
export function* manyDocuments(count: number, bytes: number): Generator<string> {
	const zeros = Buffer.alloc(PIECE_BYTES);
	yield '{"documents":[';
	for (let index = 0; index < count; index++) {
		const key = createHash('sha256').update(String(index)).digest();
		const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
		const hash = createHash('sha256');
		yield `${index > 0 ? ',' : ''}{"file":"data:application/pdf;base64,`;
		for (let sent = 0; sent < bytes; sent += PIECE_BYTES) {
			const piece = cipher.update(zeros.subarray(0, Math.min(PIECE_BYTES, bytes - sent)));
			hash.update(piece);
			yield piece.toString('base64');
		}
		yield `","sha256":"${hash.digest('hex')}"}`;
	}
	yield ']}';
}
