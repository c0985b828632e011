import { clock } from '../dist/nodes/Dibby/run/clock.js';
import { pauseBeforePoll } from '../dist/nodes/Dibby/run/waiting.js';
import { publish } from './report.cts';

const SECOND = 1_000;
const RUNS: Array<[name: string, milliseconds: number]> = [
	['1 s', SECOND],
	['10 s', 10 * SECOND],
	['1 min', 60 * SECOND],
	['2 min', 120 * SECOND],
	['5 min', 300 * SECOND],
	['1 h', 3_600 * SECOND],
	['3 days', 3 * 86_400 * SECOND],
];
const WAYS: Array<[name: string, pause: (elapsed: number) => number]> = [
	['automatic', (elapsed) => pauseBeforePoll(elapsed, Infinity)],
	['fixed 5 s', () => 5 * SECOND],
	['fixed 1 s', () => SECOND],
];
const SAMPLES = 200;

/** Polls until a run of this length is seen to be over. */
function wait(
	length: number,
	pause: (elapsed: number) => number,
): { polls: number; delay: number } {
	let now = 0;
	let polls = 0;
	while (now < length) {
		now += pause(now);
		polls++;
	}
	return { polls, delay: now - length };
}

/** Polls and delays for runs of many lengths, on a simulated clock. */
export function waiting(): void {
	const { random } = clock;
	let seed = 1;
	// The same dice at every run, so that the table changes only when the node does.
	clock.random = () => {
		seed = (seed * 48_271) % 2_147_483_647;
		return seed / 2_147_483_647;
	};
	const rows = RUNS.map(([name, length]) => {
		const cells = WAYS.map(([, pause]) => {
			// Real runs are not of one length exactly: half as long to half as long again.
			const seen = Array.from({ length: SAMPLES }, (_value, index) =>
				wait(length * (0.75 + index / SAMPLES / 2), pause),
			);
			const polls = seen.reduce((sum, one) => sum + one.polls, 0) / SAMPLES;
			const delay = seen.reduce((sum, one) => sum + one.delay, 0) / SAMPLES / SECOND;
			return `${polls.toFixed(0)} polls, ${delay.toFixed(1)} s late`;
		});
		return [name, (Math.max(SECOND, length * 0.05) / SECOND).toFixed(1), ...cells];
	});
	clock.random = random;
	publish({
		name: 'waiting',
		text: 'How often Dibby is asked, and how late the end is noticed, on average over 200 runs a quarter shorter to a quarter longer than the first column says.',
		head: ['run', 'goal, s late', ...WAYS.map(([name]) => name)],
		rows,
	});
}
