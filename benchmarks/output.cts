import { byTurns } from './byTurns.cts';
import { cell, isQuick, publish } from './table.cts';

const MIB = 1024 * 1024;
const RESULTS = [
	{ name: '100 × 1 MiB', count: 100, bytes: MIB, times: 3 },
	{ name: '1 × 200 MiB', count: 1, bytes: 200 * MIB, times: 3 },
	{ name: '1 × 4 GiB', count: 1, bytes: 4096 * MIB, times: 1 },
];
const WAYS = { files: 'as files (default)', json: 'left in the JSON' };

/** A result full of documents, as files and left in the JSON. */
export async function output(): Promise<void> {
	const rows: string[][] = [];
	for (const { name, count, bytes, times } of isQuick ? RESULTS.slice(0, 1) : RESULTS) {
		const outcomes = await byTurns('output', Object.keys(WAYS), [`${count}`, `${bytes}`], times);
		for (const [way, label] of Object.entries(WAYS)) {
			const times = [cell(outcomes[way], 'seconds'), cell(outcomes[way], 'cpuSeconds')];
			rows.push([name, label, ...times, cell(outcomes[way], 'extraMiB', 0)]);
		}
	}
	publish(
		'output',
		'The result of a finished run, retrieved with Get Run. n8n stores files on disk, and the SHA-256 of every document is checked. Median (lowest–highest).',
		['documents', 'way', 'seconds', 'processor time, s', 'extra MiB'],
		rows,
	);
}
