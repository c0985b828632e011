import { join } from 'node:path';

import { byTurns } from './byTurns.cts';
import { OWNERS } from './profile.cts';
import type { Shares } from './profile.cts';
import { publish } from './report.cts';
import { figures, median, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const ITEMS = 1_000;
const TIMES = 3;
const WAYS = { node: 'node, 4 at once', httpRequest: 'HTTP Request' };

/** Whose code the processor's time for an item is spent in. */
export async function itemsShare(): Promise<void> {
	const ways = Object.keys(WAYS).map((name) => ({
		name,
		before: [String(ITEMS)],
		behind: ['profiled'],
	}));
	const script = join(__dirname, 'items.case.cts');
	const samples = await inTemporaryFolder(
		async (folder) => await byTurns<Shares>(script, ways, TIMES, folder),
	);
	const names = Object.keys(OWNERS) as Array<keyof Shares>;
	const cells = (way: string) => {
		const outcomes = samples[way];
		const whole = names.reduce((sum, name) => sum + median(figures(outcomes, name)), 0);
		return (name: keyof Shares): [time: string, share: string] => {
			const milliseconds = figures(outcomes, name).map((sum) => sum / ITEMS);
			const share = (median(figures(outcomes, name)) / whole) * 100;
			return [withSpread(milliseconds), `${share.toFixed(0)} %`];
		};
	};
	const byWay = Object.keys(WAYS).map(cells);
	publish({
		name: 'itemsShare',
		text: `Whose code the processor’s time for one of ${ITEMS} items is spent in: samples of the running function, by the file it is in; what the libraries do for someone counts as theirs. Median, lowest and highest.`,
		head: ['code of', ...Object.values(WAYS).flatMap((name) => [`${name}, ms an item`, 'share'])],
		rows: names.map((name) => [OWNERS[name], ...byWay.flatMap((cell) => cell(name))]),
		samples,
	});
}
