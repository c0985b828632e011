import { clock } from '../dist/nodes/Dibby/clock.js';
import { pauseBeforePoll } from '../dist/nodes/Dibby/waiting/poll.js';
import { publish } from './report.cts';
import { formulas, JITTER_SHARE } from './waitingFormulas.cts';

const SECOND = 1_000;
const RUNS: Array<[name: string, milliseconds: number]> = [
	['1 s', SECOND],
	['10 s', 10 * SECOND],
	['1 min', 60 * SECOND],
	['2 min', 120 * SECOND],
	['5 min', 300 * SECOND],
	['10 min', 600 * SECOND],
	['1 h', 3_600 * SECOND],
	['3 days', 3 * 86_400 * SECOND],
];

/** How many dice and lengths each figure is the mean, or the worst, of. */
const SAMPLES = 500;

/** The same dice at every run, so that the table changes only when the node does. */
function dice(): () => number {
	let seed = 1;
	return () => {
		seed = (seed * 48_271) % 2_147_483_647;
		return seed / 2_147_483_647;
	};
}

/** What waiting for runs of about one length comes to; delays are in seconds. */
interface Waited {
	polls: number;
	meanDelay: number;
	worstDelay: number;
	/** The worst delay as a share of what the goal allows for that very run. */
	worstOfGoal: number;
}

/** Waits for runs a quarter shorter to a quarter longer than this, on a simulated clock. */
function wait(length: number, pause: (elapsed: number) => number): Waited {
	let polls = 0;
	let delays = 0;
	let worstDelay = 0;
	let worstOfGoal = 0;
	for (let sample = 0; sample < SAMPLES; sample++) {
		const end = length * (0.75 + (sample + 0.5) / SAMPLES / 2);
		let now = 0;
		for (; now < end; polls++) now += pause(now);
		delays += now - end;
		worstDelay = Math.max(worstDelay, now - end);
		worstOfGoal = Math.max(worstOfGoal, (now - end) / Math.max(SECOND, end * 0.05));
	}
	return {
		polls: polls / SAMPLES,
		meanDelay: delays / SAMPLES / SECOND,
		worstDelay: worstDelay / SECOND,
		worstOfGoal,
	};
}

/** Polls and delays for runs of many lengths: the node as it is, fixed intervals, and other formulas. */
export function waiting(): void {
	const random = dice();
	const { random: real } = clock;
	clock.random = random;
	const jitter = () => 1 - JITTER_SHARE * random();
	const ways: Array<[name: string, pause: (elapsed: number) => number]> = [
		['node, automatic', (elapsed) => pauseBeforePoll(elapsed, Infinity)],
		['fixed 5 s', () => 5 * SECOND],
		['fixed 1 s', () => SECOND],
		...formulas(jitter),
	];
	const samples = Object.fromEntries(
		RUNS.map(([run, length]) => [
			run,
			Object.fromEntries(ways.map(([way, pause]) => [way, wait(length, pause)])),
		]),
	);
	clock.random = real;
	const rows = Object.entries(samples).map(([run, byWay]) => [
		run,
		...Object.values(byWay).map(
			({ polls, meanDelay, worstDelay }) =>
				`${polls.toFixed(0)}; ${meanDelay.toFixed(1)}, ${worstDelay.toFixed(1)}`,
		),
	]);
	publish({
		name: 'waiting',
		text: `Each cell: how often Dibby is asked; how many seconds late the end is noticed, on average and at worst, over ${SAMPLES} runs a quarter shorter to a quarter longer than the first column says. Time for the requests themselves is not counted.`,
		head: ['run', ...ways.map(([name]) => name)],
		rows,
		samples,
	});
}
