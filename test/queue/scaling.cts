import { markdownTable, putIntoPage } from '../docs/page.cts';
import { figures } from './figures.cts';
import type { Figures } from './figures.cts';

/** `npm run docs:scaling`: puts what `npm run test:queue` measured into docs/scaling.md. */
function main({ storages, webhooks, stop, killed }: Partial<Figures>): void {
	if (!storages || !webhooks || !stop || !killed) throw new Error('Run npm run test:queue first');
	const storageRows = Object.entries(storages).map(([name, figure]) => [
		name,
		figure.seconds.toFixed(1),
		...[figure.workerBefore, figure.worker, figure.mainBefore, figure.main].map(Math.round),
	]);
	const head = ['files in', 'a call with 100 MiB, s', 'worker, MiB', 'at its peak'];
	putIntoPage(
		'docs/scaling.md',
		'storage',
		markdownTable([...head, 'main process, MiB', 'at its peak'], storageRows),
	);
	const lastPoll = Math.round(stop.lastPollAfterMs);
	const polls = lastPoll === 0 ? 'sent no more polls' : `sent its last poll ${lastPoll} ms later`;
	const date = new Date().toISOString().slice(0, 10);
	putIntoPage(
		'docs/scaling.md',
		'trouble',
		`Measured on ${date}: after an execution was stopped, the node ${polls}. With \`QUEUE_WORKER_LOCK_DURATION\` at 8 s, n8n noticed a dead worker after ${(killed.noticedAfterMs / 1000).toFixed(0)} s.`,
	);
	const { calls, seconds, shares, mainSecondsPerCall, workerSecondsPerCall } = webhooks;
	const ms = (time: number) => (time * 1000).toFixed(0);
	putIntoPage(
		'docs/scaling.md',
		'load',
		`Measured on ${date} with ${calls} webhook calls with a file of 20 kB each, all on one machine with two cores: ${(calls / seconds).toFixed(0)} documents per second, with ${shares.join(', ')} executions on three workers. A document took ${ms(workerSecondsPerCall)} ms of processor time in a worker, and ${ms(mainSecondsPerCall)} ms in the main process.`,
	);
}

main(figures());
