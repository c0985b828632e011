import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import type { Outcome } from './measure.cts';
import { isQuick, publish } from './report.cts';
import { cell, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const MIB = 1024 * 1024;

/** What a result holds, and how often it is fetched. */
const RESULTS = [
	{ name: '100 × 1 MiB', count: 100, bytes: MIB, times: 3, buffered: 3 },
	{ name: '1 × 200 MiB', count: 1, bytes: 200 * MIB, times: 2, buffered: 2 },
	// The buffered way would hold more than three times as much, and then fail: no text may be that long.
	{ name: '1 × 4 GiB', count: 1, bytes: 4096 * MIB, times: 1, buffered: 0 },
];

const WAYS = {
	files: 'node, as files (default)',
	json: 'node, left in the JSON',
	buffered: 'buffered, as files',
};

/** A result full of documents: turned into files, against leaving them in the JSON, and against the buffered way. */
export async function output(): Promise<void> {
	const script = join(__dirname, 'output.case.cts');
	const samples: Record<string, Record<string, Outcome[]>> = {};
	for (const { name, count, bytes, times, buffered } of isQuick() ? RESULTS.slice(0, 1) : RESULTS) {
		const ways = Object.keys(WAYS).map((way) => ({
			name: way,
			argsBefore: [String(count), String(bytes)],
			...(way === 'buffered' ? { times: buffered } : {}),
		}));
		samples[name] = await inTemporaryFolder(
			async (folder) => await byTurns(script, ways, times, folder),
		);
	}
	const rows = Object.entries(samples).flatMap(([result, ways]) =>
		Object.entries(WAYS).map(([way, name]) => [
			result,
			name,
			cell(ways[way], 'seconds'),
			withSpread(ratios(ways[way], ways.json)),
			cell(ways[way], 'cpuSeconds'),
			cell(ways[way], 'extraMiB', 0),
		]),
	);
	publish({
		name: 'output',
		text: 'The result of a finished run, fetched by Get Run; n8n stores files on disk, and every document arrived whole (SHA-256). Buffered is the way of most nodes: the answer as one object, each document as a string and a Buffer. Median, lowest and highest.',
		head: ['documents', 'way', 'seconds', 'time / JSON', 'processor time, s', 'extra MiB'],
		rows,
		samples,
	});
}
