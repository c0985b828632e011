import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inOwnProcess, median, spread } from './measure.cts';
import type { Measured } from './measure.cts';
import { publish } from './report.cts';
import { startSandboxProcess } from './sandboxProcess.cts';

const MIB = 1024 * 1024;
const CASE = join(__dirname, 'documents.case.cts');

/** The sizes, how often each is measured, and up to where the buffered way goes: a string ends at 512 MiB. */
const SIZES = [
	{ name: '1 MiB', bytes: MIB, times: 5, buffered: true },
	{ name: '10 MiB', bytes: 10 * MIB, times: 5, buffered: true },
	{ name: '100 MiB', bytes: 100 * MIB, times: 5, buffered: true },
	{ name: '1 GiB', bytes: 1024 * MIB, times: 2, buffered: false },
	{ name: '4 GiB', bytes: 4096 * MIB, times: 1, buffered: false },
];

/** One document of growing size, against the floor and the buffered way, alternately. */
export async function documents(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'dibby-bench-'));
	const sandbox = await startSandboxProcess();
	const rows: string[][] = [];
	try {
		for (const { name, bytes, times, buffered } of SIZES) {
			const small = join(folder, 'small.pdf');
			const file = join(folder, 'document.pdf');
			const base64 = join(folder, 'document.b64');
			write(small, 3 * 1024);
			write(file, bytes, base64);
			const results: Record<string, Measured[]> = { node: [], floor: [], buffer: [] };
			for (let time = 0; time < times; time++) {
				for (const way of ['floor', 'node', ...(buffered ? ['buffer'] : [])]) {
					const parameters = [way, file, base64, small, sandbox.url, sandbox.token];
					results[way]?.push(await inOwnProcess<Measured>(CASE, parameters));
				}
			}
			const seconds = (way: string) => (results[way] ?? []).map((result) => result.seconds);
			const memory = (way: string) =>
				median((results[way] ?? []).map((result) => result.extraMiB)).toFixed(0);
			const ratios = seconds('node').map(
				(value, index) => value / (seconds('floor')[index] ?? NaN),
			);
			rows.push([
				name,
				median(seconds('floor')).toFixed(2),
				median(seconds('node')).toFixed(2),
				`${median(ratios).toFixed(2)} (${spread(ratios)})`,
				memory('node'),
				buffered ? median(seconds('buffer')).toFixed(2) : 'fails',
				buffered ? memory('buffer') : '–',
			]);
		}
	} finally {
		sandbox.stop();
		rmSync(folder, { recursive: true });
	}
	publish({
		name: 'documents',
		text: 'One document from n8n’s storage on disk, through n8n’s engine and the node, to a server in another process; each case in a fresh process. Floor: the same bytes, already encoded, sent by a bare HTTP request. Buffered: the file as one Buffer, one base64 string, one JSON text.',
		head: [
			'document',
			'floor, s',
			'node, s',
			'node / floor',
			'node, extra MiB',
			'buffered, s',
			'buffered, extra MiB',
		],
		rows,
	});
}

/** Writes random bytes, and their base64 beside them. */
function write(path: string, bytes: number, base64?: string): void {
	const out = openSync(path, 'w');
	const encoded = base64 === undefined ? undefined : openSync(base64, 'w');
	const chunk = randomBytes(Math.min(bytes, 3 * MIB));
	for (let written = 0; written < bytes; written += chunk.length) {
		const part = chunk.subarray(0, Math.min(chunk.length, bytes - written));
		writeSync(out, part);
		if (encoded !== undefined) writeSync(encoded, part.toString('base64'));
	}
	closeSync(out);
	if (encoded !== undefined) closeSync(encoded);
}
