import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

import { byTurns, inTemporaryFolder } from './byTurns.cts';
import { cell, isQuick, publish, ratios, withSpread } from './table.cts';

const MIB = 1024 * 1024;
const SIZES = [
	{ name: '1 MiB', bytes: MIB, times: 5 },
	{ name: '10 MiB', bytes: 10 * MIB, times: 5 },
	{ name: '100 MiB', bytes: 100 * MIB, times: 5 },
	{ name: '1 GiB', bytes: 1024 * MIB, times: 3 },
	{ name: '4 GiB', bytes: 4096 * MIB, times: 1 },
];
const HEAD = ['document', 'floor, s', 'node, s', 'node / floor', 'node, extra MiB'];

/** Documents of different sizes, compared with a bare request and with buffering. */
export async function documents(): Promise<void> {
	const rows: string[][] = [];
	for (const { name, bytes, times } of isQuick ? SIZES.slice(0, 3) : SIZES) {
		const { floor, node, buffered } = await inTemporaryFolder(async (folder) => {
			const small = await writeDocument(join(folder, 'small'), 3 * 1024);
			const whole = await writeDocument(join(folder, 'document'), bytes);
			const ways = ['floor', 'node', 'buffered'];
			return await byTurns('documents', ways, [folder], times, [small, whole]);
		});
		rows.push([
			name,
			cell(floor, 'seconds'),
			cell(node, 'seconds'),
			withSpread(ratios(node, floor)),
			cell(node, 'extraMiB', 0),
			cell(buffered, 'seconds'),
			cell(buffered, 'extraMiB', 0),
		]);
	}
	publish(
		'documents',
		'One document from n8n’s storage on disk, sent by the node in n8n’s engine to a server in another process, which decodes and hashes it. Floor: a bare HTTP request that sends the same bytes, already encoded, from a file. Buffered: the whole file as one Buffer, one base64 string, and one JSON object, sent with n8n’s helper. Median (lowest–highest).',
		[...HEAD, 'buffered, s', 'buffered, extra MiB'],
		rows,
	);
}

/**
 * Writes random bytes as `<path>.pdf` and their base64 as `<path>.b64`.
 *
 * @returns the SHA-256 of the bytes
 */
async function writeDocument(path: string, bytes: number): Promise<string> {
	const [plain, encoded] = [createWriteStream(`${path}.pdf`), createWriteStream(`${path}.b64`)];
	const hash = createHash('sha256');
	// Divisible by three, so the base64 of the blocks can be joined.
	const block = randomBytes(Math.min(bytes, 12 * MIB));
	for (let written = 0; written < bytes; written += block.length) {
		const part = block.subarray(0, Math.min(block.length, bytes - written));
		hash.update(part);
		if (!plain.write(part)) await once(plain, 'drain');
		if (!encoded.write(part.toString('base64'))) await once(encoded, 'drain');
	}
	plain.end();
	encoded.end();
	await Promise.all([finished(plain), finished(encoded)]);
	return hash.digest('hex');
}
