import { byTurns } from './byTurns.cts';
import { cell, isQuick, publish } from './table.cts';

const KINDS = {
	text: { label: 'text', unit: 'MB', sizes: [1, 4, 16] },
	list: { label: 'list of objects', unit: 'objects', sizes: [10_000, 40_000, 160_000] },
	nesting: { label: 'nested objects', unit: 'levels', sizes: [100, 400, 1_200] },
};
const DIRECTIONS = ['send', 'retrieve'];

/** Whether time and memory stay linear in the length of a text, the length of a list, and the depth of nesting. */
export async function growth(): Promise<void> {
	const rows: string[][] = [];
	for (const direction of DIRECTIONS) {
		for (const [kind, { label, unit, sizes }] of Object.entries(KINDS)) {
			for (const size of isQuick ? sizes.slice(0, 1) : sizes) {
				const way = `${direction} ${kind}`;
				const { [way]: outcomes } = await byTurns('growth', [way], [`${size}`], 3);
				const what = [`${direction} ${label}`, `${size.toLocaleString('en')} ${unit}`];
				rows.push([...what, cell(outcomes, 'seconds'), cell(outcomes, 'extraMiB', 0)]);
			}
		}
	}
	publish(
		'growth',
		'One value that grows, as an input (From the Incoming Item) and as a result, in n8n’s engine with a server in the same process. Median (lowest–highest).',
		['what', 'size', 'seconds', 'extra MiB'],
		rows,
	);
}
