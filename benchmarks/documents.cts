import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import { writeDocument } from './files.cts';
import type { Outcome } from './measure.cts';
import { isQuick, publish } from './report.cts';
import { cell, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const MIB = 1024 * 1024;
const CASE = join(__dirname, 'documents.case.cts');

/** How often each size is sent, and how often the buffered way is tried. */
const SIZES = [
	{ name: '1 MiB', bytes: MIB, times: 5, buffered: 5 },
	{ name: '10 MiB', bytes: 10 * MIB, times: 5, buffered: 5 },
	{ name: '100 MiB', bytes: 100 * MIB, times: 5, buffered: 3 },
	{ name: '1 GiB', bytes: 1024 * MIB, times: 3, buffered: 1 },
	{ name: '4 GiB', bytes: 4096 * MIB, times: 1, buffered: 0 },
];

/** The largest that a quick trial sends. */
const QUICK_BYTES = 100 * MIB;

/** One document of growing size, against the floor and the buffered way, by turns. */
export async function documents(): Promise<void> {
	const samples: Record<string, Record<string, Outcome[]>> = {};
	for (const size of SIZES) {
		if (isQuick() && size.bytes > QUICK_BYTES) continue;
		samples[size.name] = await inTemporaryFolder(async (folder) => await bySize(size, folder));
	}
	const rows = Object.entries(samples).map(([name, { floor, node, buffered }]) => [
		name,
		cell(floor, 'seconds'),
		cell(node, 'seconds'),
		withSpread(ratios(node, floor)),
		withSpread(ratios(node, floor, 'cpuSeconds')),
		cell(node, 'extraMiB', 0),
		cell(floor, 'extraMiB', 0),
		cell(buffered, 'seconds'),
		cell(buffered, 'extraMiB', 0),
	]);
	publish({
		name: 'documents',
		text: 'One document from n8n’s storage on disk, through n8n’s engine and the node, to a server in another process, which decodes and hashes it; each case in a fresh process, and each arrived whole (SHA-256). Floor: the same bytes, already encoded, from a file, sent by a bare HTTP request. Buffered: the file as one Buffer, one base64 string, one JSON object, sent by n8n’s helper. Median, lowest and highest.',
		head: [
			'document',
			'floor, s',
			'node, s',
			'node / floor',
			'processor time, node / floor',
			'node, extra MiB',
			'floor, extra MiB',
			'buffered, s',
			'buffered, extra MiB',
		],
		rows,
		samples,
	});
}

/** @throws Error when what arrived is not what was sent */
async function bySize(
	{ bytes, times, buffered }: (typeof SIZES)[number],
	folder: string,
): Promise<Record<string, Outcome[]>> {
	const small = await writeDocument(join(folder, 'small'), 3 * 1024);
	const whole = await writeDocument(join(folder, 'document'), bytes);
	const ways = [
		{ name: 'floor', argsBefore: [folder] },
		{ name: 'node', argsBefore: [folder] },
		{ name: 'buffered', argsBefore: [folder], times: buffered },
	];
	return await byTurns(CASE, ways, times, folder, (way, { sha256 }) => {
		if (sha256.join() === [small, whole].join()) return;
		throw new Error(`${way}: what arrived is not what was sent`);
	});
}
