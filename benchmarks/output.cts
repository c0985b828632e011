import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import { publish } from './report.cts';
import { cell, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const COUNT = 100;
const BYTES = 1024 * 1024;

/** A result full of documents: turned into binary files, against leaving it in the JSON. */
export async function output(): Promise<void> {
	const behind = [String(COUNT), String(BYTES)];
	const names: Record<string, string> = {
		json: 'left in the JSON',
		files: 'turned into binary files (default)',
	};
	const ways = Object.keys(names).map((name) => ({ name, behind }));
	const script = join(__dirname, 'output.case.cts');
	const samples = await inTemporaryFolder(async (folder) => await byTurns(script, ways, 3, folder));
	publish({
		name: 'output',
		text: `The result of a finished run with ${COUNT} documents of 1 MiB, fetched by Get Run. Median, lowest and highest.`,
		head: ['documents', 'seconds', 'time / JSON', 'extra MiB', 'extra MiB / JSON'],
		rows: Object.entries(names).map(([way, name]) => [
			name,
			cell(samples[way], 'seconds'),
			withSpread(ratios(samples[way], samples.json)),
			cell(samples[way], 'extraMiB', 0),
			withSpread(ratios(samples[way], samples.json, 'extraMiB')),
		]),
		samples,
	});
}
