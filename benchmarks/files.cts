import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const MIB = 1024 * 1024;

/**
 * Writes random bytes and, beside them, their base64: `<name>.pdf` and `<name>.b64`.
 *
 * @returns the SHA-256 of the bytes
 */
export async function writeDocument(path: string, bytes: number): Promise<string> {
	const plain = createWriteStream(`${path}.pdf`);
	const encoded = createWriteStream(`${path}.b64`);
	const hash = createHash('sha256');
	// Divisible by three, so that the pieces' base64 is the whole's.
	const block = randomBytes(Math.min(bytes, 12 * MIB));
	const text = Buffer.from(block.toString('base64'));
	for (let written = 0; written < bytes; written += block.length) {
		const part = block.subarray(0, Math.min(block.length, bytes - written));
		hash.update(part);
		const isWhole = part.length === block.length;
		const base64 = isWhole ? text : Buffer.from(part.toString('base64'));
		const ready = [plain.write(part), encoded.write(base64)];
		if (!ready[0]) await once(plain, 'drain');
		if (!ready[1] && encoded.writableNeedDrain) await once(encoded, 'drain');
	}
	plain.end();
	encoded.end();
	await Promise.all([finished(plain), finished(encoded)]);
	return hash.digest('hex');
}
