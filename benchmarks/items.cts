import { byTurns } from './byTurns.cts';
import { figures, publish, ratios, withSpread } from './table.cts';

const ITEMS = 1_000;
const TIMES = 5;
const WAYS: Record<string, string> = {
	floor: 'bare requests, 4 at the same time (floor)',
	httpRequest: 'HTTP Request, all at the same time (its default)',
	node: 'node, 4 at the same time (its default)',
	node50: 'node, 50 at the same time',
};

/** Many small items in n8n's engine, compared with n8n's HTTP Request node. */
export async function items(): Promise<void> {
	const outcomes = await byTurns('items', Object.keys(WAYS), [String(ITEMS)], TIMES);
	const perItem = (way: string, name: 'seconds' | 'cpuSeconds') =>
		withSpread(figures(outcomes[way], name).map((seconds) => (seconds / ITEMS) * 1000));
	publish(
		'items',
		`${ITEMS} items without documents, one run each, in n8n’s engine. HTTP Request is n8n’s own node, with a bearer token and an expression in the JSON body. Median (lowest–highest).`,
		['way', 'ms per item', 'speed / HTTP Request', 'processor time per item, ms'],
		Object.entries(WAYS).map(([way, label]) => [
			label,
			perItem(way, 'seconds'),
			withSpread(ratios(outcomes.httpRequest, outcomes[way])),
			perItem(way, 'cpuSeconds'),
		]),
	);
}
