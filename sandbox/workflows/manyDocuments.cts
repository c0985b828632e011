import { createCipheriv, createHash } from 'node:crypto';

/**
 * The JSON of many documents of random bytes with their hashes, piece by piece, so that the sandbox holds one at a
 * time. The same numbers give the same bytes.
 */
export function* manyDocuments(count: number, bytes: number): Generator<string> {
	yield '{"documents":[';
	for (let index = 0; index < count; index++) {
		const key = createHash('sha256').update(String(index)).digest();
		const content = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(
			Buffer.alloc(bytes),
		);
		const sha256 = createHash('sha256').update(content).digest('hex');
		yield `${index > 0 ? ',' : ''}{"sha256":"${sha256}","file":"data:application/pdf;base64,`;
		yield content.toString('base64');
		yield '"}';
	}
	yield ']}';
}
