import { setTimeout as sleep } from 'node:timers/promises';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { isQuick, publish } from './report.cts';
import { withSleepers } from './sleepers.cts';

/** Over this time, people decide one after the other, at moments that have nothing to do with the polls. */
const DECIDED_OVER_S = 120;

/** How late results reach the next node while executions sleep, and whether n8n wakes them all at once. */
export async function sleepDelay(): Promise<void> {
	const count = isQuick() ? 10 : 100;
	const { delays, perSecond } = await withSleepers(count, 'sleep', async ({ sandbox }) => {
		const decidedAt = new Map<string, number>();
		const asked = sandbox.requests.length;
		for (const id of sandbox.waiting()) {
			await sleep((DECIDED_OVER_S * 1_000) / count);
			sandbox.finish(id);
			decidedAt.set(id, Date.now());
		}
		const arrivals = () =>
			[...sandbox.runs.values()].filter(({ workflowId }) => workflowId === WORKFLOWS.echo.id);
		const deadline = Date.now() + 600_000;
		while (arrivals().length < count) {
			if (Date.now() > deadline) throw new Error(`Only ${arrivals().length} results came`);
			await sleep(100);
		}
		const found = arrivals().map(
			({ inputs, createdAt }) =>
				(createdAt.getTime() - (decidedAt.get(String(inputs.ended)) ?? NaN)) / 1_000,
		);
		const seconds = new Map<number, number>();
		for (const { startedAt } of sandbox.requests.slice(asked)) {
			const second = Math.floor(startedAt / 1_000);
			seconds.set(second, (seconds.get(second) ?? 0) + 1);
		}
		return { delays: found, perSecond: [...seconds.values()] };
	});
	const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
	const row = [count, mean.toFixed(0), Math.max(...delays).toFixed(0), Math.max(...perSecond)];
	publish({
		name: 'sleepDelay',
		text: `${count} executions asleep for some minutes, whose runs end one after the other within ${DECIDED_OVER_S} s: the time from a run's end until the next node has its result.`,
		head: ['executions', 'mean, s', 'longest, s', 'most requests in one second'],
		rows: [row.map(String)],
		samples: { delays, perSecond },
	});
}
