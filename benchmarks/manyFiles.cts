import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import { writeDocument } from './files.cts';
import { publish } from './report.cts';
import { cell, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const ITEMS = 200;
const BYTES = 5 * 1024 * 1024;
/** What the node allows at once unless the user chooses another number. */
const AT_ONCE = 4;

/** Many items with a document each, against the buffered way, which sends all at once. */
export async function manyFiles(): Promise<void> {
	const inFlight: Record<string, number> = {};
	const samples = await inTemporaryFolder(async (folder) => {
		await writeDocument(join(folder, 'small'), 3 * 1024);
		const whole = await writeDocument(join(folder, 'document'), BYTES);
		const ways = ['node', 'buffered'].map((name) => ({
			name,
			argsBefore: [folder],
			argsAfter: [String(ITEMS)],
			times: name === 'node' ? 3 : 1,
		}));
		const script = join(__dirname, 'documents.case.cts');
		return await byTurns(script, ways, 3, folder, (way, { sha256, maxInFlight }) => {
			const right = sha256.filter((one) => one === whole).length;
			if (right !== ITEMS) throw new Error(`${way}: ${right} of ${ITEMS} documents arrived whole`);
			if (way === 'node' && maxInFlight > AT_ONCE)
				throw new Error(`${maxInFlight} requests in flight`);
			inFlight[way] = Math.max(inFlight[way] ?? 0, maxInFlight);
		});
	});
	const rows = Object.entries(samples).map(([way, outcomes]) => [
		way === 'node' ? 'node, 4 at once (default)' : 'buffered, all at once',
		cell(outcomes, 'seconds', 1),
		withSpread(ratios(outcomes, samples.buffered)),
		cell(outcomes, 'extraMiB', 0),
		String(inFlight[way] ?? '–'),
	]);
	publish({
		name: 'files',
		text: `${ITEMS} items with a document of 5 MiB each, from n8n’s storage; every document arrived whole (SHA-256). Median, lowest and highest.`,
		head: ['way', 'seconds', 'time / buffered', 'extra MiB', 'most requests at once'],
		rows,
		samples: { outcomes: samples, inFlight },
	});
}
