import { markdownTable, putIntoPage } from '../docs/page.cts';
import { figures } from './figures.cts';

const DOCUMENTS_A_DAY = [1_000, 10_000, 100_000, 1_000_000];
const SECONDS_A_DAY = 86_400;

/** The busiest hour of a day has about this many times the documents of the average one. */
const PEAK = 3;

/** How long a run takes in Dibby, for the sizing; the page says what to do with another figure. */
const RUN_SECONDS = 60;

/** How much of a processor is planned for, so that a busy minute is no trouble. */
const PLANNED_SHARE = 0.6;

/** What a process of n8n keeps under way at once without trouble; more places only wait for one another. */
const PLACES_A_WORKER = 100;

interface Storage {
	seconds: number;
	mainBefore: number;
	main: number;
	workerBefore: number;
	worker: number;
}

interface Webhooks {
	calls: number;
	seconds: number;
	shares: number[];
	mainSecondsACall: number;
	workerSecondsACall: number;
}

/** Puts what the tests of queue mode measured, and what follows from it, into docs/scaling.md. */
function writeScaling(): void {
	const found = figures();
	const missing = ['webhooks', 'stop', 'killed'].filter((name) => !(name in found));
	if (missing.length > 0) {
		console.log(`docs/scaling.md stays as it is: not measured yet: ${missing.join(', ')}.`);
		return;
	}
	const webhooks = found.webhooks as Webhooks;
	const stop = found.stop as { lastPollAfterStopMs: number };
	const killed = found.killed as { noticedAfterMs: number };
	const storages = Object.entries(found).filter(([name]) => name.startsWith('storage: '));
	const parts: Record<string, string> = {
		storage: markdownTable(
			[
				'files in',
				'a call with 100 MiB, s',
				'worker, MiB',
				'at its peak',
				'main process, MiB',
				'at its peak',
			],
			storages.map(([name, figure]) => {
				const { seconds, mainBefore, main, workerBefore, worker } = figure as Storage;
				return [
					name.replace('storage: ', ''),
					seconds.toFixed(1),
					...[workerBefore, worker, mainBefore, main].map((mib) => mib.toFixed(0)),
				];
			}),
		),
		trouble: `Measured: ${stop.lastPollAfterStopMs > 0 ? `the last poll came ${stop.lastPollAfterStopMs.toFixed(0)} ms after the stop` : 'no poll came after the stop'}; with \`QUEUE_WORKER_LOCK_DURATION\` at 8 s, a dead worker was noticed after ${(killed.noticedAfterMs / 1000).toFixed(0)} s.`,
		load: loadOf(webhooks),
		sizing: sizingOf(webhooks),
	};
	for (const [name, text] of Object.entries(parts)) putIntoPage('scaling.md', name, text);
}

function loadOf({
	calls,
	seconds,
	shares,
	mainSecondsACall,
	workerSecondsACall,
}: Webhooks): string {
	const ms = (time: number) => (time * 1000).toFixed(0);
	return `Measured with ${calls} webhook calls with a file of 20 kB each, all workers and servers on one machine with two processors: ${(calls / seconds).toFixed(0)} documents a second, spread ${shares.join(', ')} over three workers. A document took ${ms(workerSecondsACall)} ms of processor time in a worker, and ${ms(mainSecondsACall)} ms in the main process.`;
}

/** Workers for a number of documents a day: as many as the processor time or the places need, whichever is more. */
function sizingOf({ mainSecondsACall, workerSecondsACall }: Webhooks): string {
	const rows = DOCUMENTS_A_DAY.map((documents) => {
		const rate = (documents / SECONDS_A_DAY) * PEAK;
		const places = Math.ceil(rate * RUN_SECONDS);
		const byProcessor = (rate * workerSecondsACall) / PLANNED_SHARE;
		const workers = Math.max(1, Math.ceil(Math.max(byProcessor, places / PLACES_A_WORKER)));
		const mains = Math.max(1, Math.ceil((rate * mainSecondsACall) / PLANNED_SHARE));
		return [
			documents.toLocaleString('en'),
			rate.toFixed(rate < 1 ? 2 : 1),
			places,
			workers,
			Math.ceil(places / workers),
			mains,
		];
	});
	const head = [
		'documents a day',
		'a second, in the busiest hour',
		'places',
		'workers',
		'`--concurrency` of each',
		'processes that take calls',
	];
	return `Computed from that, for runs of ${RUN_SECONDS} s, a busiest hour with ${PEAK} times the average, a processor of its own for each process, planned to be ${PLANNED_SHARE * 100} % busy, and at most ${PLACES_A_WORKER} places in a worker:\n\n${markdownTable(head, rows)}`;
}

writeScaling();
