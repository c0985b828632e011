import { setTimeout as sleep } from 'node:timers/promises';

import { processorSeconds, residentMiB } from '../test/support/processFigures.cts';
import { isQuick, publish } from './report.cts';
import { writeSleepSizing } from './sleepSizing.cts';
import { withSleepers } from './sleepers.cts';

/** Two looks of n8n's wait tracker. */
const WATCHED_S = 120;

interface Held {
	extraMiB: number;
	processorSeconds: number;
	polls: number;
}

/** What executions cost a real n8n while their runs wait for a person: active ones, and sleeping ones. */
export async function sleeping(): Promise<void> {
	const count = isQuick() ? 20 : 300;
	const active = await hold(count, 'active');
	const asleep = await hold(count, 'sleep');
	const row = (name: string, { extraMiB, processorSeconds: seconds, polls }: Held) => [
		name,
		`${extraMiB.toFixed(0)} MiB`,
		`${((extraMiB * 1024) / count).toFixed(0)} KiB`,
		`${seconds.toFixed(1)} s`,
		String(polls),
	];
	publish({
		name: 'sleeping',
		text: `${count} executions of a webhook's workflow with one item each, whose runs wait for a person, in one n8n with SQLite; then watched for ${WATCHED_S} s.`,
		head: ['While Waiting', 'memory held', 'for each', 'processor time', 'polls'],
		rows: [row('Stay Active', active), row('Sleep', asleep)],
		samples: { count, active, asleep },
	});
	if (!isQuick()) writeSleepSizing(asleep.processorSeconds / asleep.polls);
}

async function hold(count: number, whileWaiting: 'active' | 'sleep'): Promise<Held> {
	return await withSleepers(count, whileWaiting, async ({ n8n, sandbox, residentMiBBefore }) => {
		const polls = sandbox.requests.length;
		const seconds = processorSeconds(n8n.pid);
		await sleep(WATCHED_S * 1_000);
		return {
			extraMiB: residentMiB(n8n.pid) - residentMiBBefore,
			processorSeconds: processorSeconds(n8n.pid) - seconds,
			polls: sandbox.requests.length - polls,
		};
	});
}
