import { clock } from '../dist/nodes/Dibby/clock.js';
import { sleepBeforePoll } from '../dist/nodes/Dibby/sleep/sleepState.js';
import { markdownTable, putIntoPage } from '../test/docs/page.cts';

const RUNS_A_DAY = [1_000, 10_000, 100_000];
const HOURS = [1, 8, 72];
const SECONDS_A_DAY = 86_400;
const HOUR_MS = 3_600_000;

/** How often n8n wakes an execution whose run takes so long. */
function wakingsOf(hours: number): number {
	const { random } = clock;
	clock.random = () => 0.5;
	let wakings = 0;
	for (let elapsed = 0; elapsed < hours * HOUR_MS; wakings++) {
		elapsed += sleepBeforePoll(elapsed, Infinity);
	}
	clock.random = random;
	return wakings;
}

/** What sleeping executions need, computed from the pauses and what a waking costs, into docs/scaling.md. */
export function writeSleepSizing(processorSecondsAWaking: number): void {
	const rows = RUNS_A_DAY.flatMap((runs) =>
		HOURS.map((hours) => {
			const perSecond = (runs * wakingsOf(hours)) / SECONDS_A_DAY;
			const processors = perSecond * processorSecondsAWaking;
			return [
				runs.toLocaleString('en'),
				hours === 72 ? '3 days' : `${hours} h`,
				Math.ceil((runs * hours) / 24).toLocaleString('en'),
				perSecond.toFixed(perSecond < 10 ? 1 : 0),
				processors.toFixed(processors < 1 ? 2 : 1),
			];
		}),
	);
	const head = [
		'runs a day',
		'each takes',
		'asleep at once',
		'polls a second',
		'processors that waking needs',
	];
	const text = `Computed for one item in each execution, runs spread over the day, and ${(processorSecondsAWaking * 1_000).toFixed(0)} ms of processor time for a waking, as [measured](performance.md#waiting-for-hours-and-days):`;
	putIntoPage('scaling.md', 'sleepers', `${text}\n\n${markdownTable(head, rows)}`);
}
