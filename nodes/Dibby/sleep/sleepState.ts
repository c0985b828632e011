import type { INodeExecutionData } from 'n8n-workflow';

import { clock } from '../clock';
import type { ErrorDetails } from '../errors';
import type { Completion, Source } from '../types';

/** n8n's Wait node keeps the execution in memory if less than 65 s is left when it looks at the clock. */
export const MIN_SLEEP_MS = 66_000;
const FIRST_SLEEP_MS = 80_000;
const MAX_SLEEP_MS = 15 * 60_000;

/** The longer the wait, the longer the sleep. */
const SLEEP_SHARE = 0.1;

/** Up to this share of a sleep is taken off at random, so that many executions don't wake up in the same second. */
const JITTER_SHARE = 0.2;

/** How long after the last time limit n8n continues without the helper workflow, if that was lost. */
const MIN_GRACE_MS = 10 * 60_000;
const MAX_GRACE_MS = 60 * 60_000;

/** The field that tells a state from a result. */
export const STATE_MARK = 'isDibbySleepState';

/** What is kept of an item while the execution sleeps: its run's ID and status, but no result. */
export interface SleepingRun {
	item: number;
	/** The binary field whose file the run is for, if each file gets its own run. */
	field?: string;
	runId: string;
	status: string;
	/** Whether the run needs no more polls: it has ended, or Dibby refuses to return it. */
	hasEnded: boolean;
	/** Why the run couldn't be started or fetched. */
	error?: ErrorDetails;
	isStartedHere: boolean;
	/** With 'Keep Source', what to keep of the item. n8n stores it with the execution anyway. */
	source?: Source;
	completion: Completion;
}

/**
 * The one item of the helper workflow: all runs of one node execution. It is stored for days, during which this package
 * may be updated, so the meaning of its fields must not change.
 */
export interface SleepState {
	runs: SleepingRun[];
	/** When the wait began, as a date in milliseconds. */
	began: number;
	/** How often the runs were checked. */
	polls: number;
	/** How long to sleep next. */
	sleepSeconds: number;
	/** Whether all runs have ended or reached their time limits. */
	hasEnded: boolean;
}

/** Whether a run's time limit has passed. */
export function isTimeUp(began: number, { timeLimitMs }: Pick<Completion, 'timeLimitMs'>): boolean {
	return clock.date() >= began + timeLimitMs;
}

/** Decides, after a poll, whether to sleep again, and how long. */
export function nextState(runs: SleepingRun[], began: number, polls: number): SleepState {
	const now = clock.date();
	let nearest = Infinity;
	for (const { hasEnded, completion } of runs) {
		const limit = began + completion.timeLimitMs;
		if (!hasEnded && limit > now) nearest = Math.min(nearest, limit);
	}
	return {
		runs,
		began,
		polls,
		sleepSeconds: Math.ceil(sleepBeforePoll(now - began, nearest - now) / 1_000),
		hasEnded: nearest === Infinity,
	};
}

/**
 * How long to sleep before the next poll.
 *
 * @param elapsed the time since the wait began, in milliseconds
 * @param remaining the time until the next time limit, in milliseconds
 * @returns milliseconds; n8n's wait tracker adds up to a minute
 */
export function sleepBeforePoll(elapsed: number, remaining: number): number {
	const growing = Math.min(MAX_SLEEP_MS, Math.max(FIRST_SLEEP_MS, elapsed * SLEEP_SHARE));
	const jittered = growing * (1 - JITTER_SHARE * clock.random());
	return Math.max(MIN_SLEEP_MS, Math.min(jittered, remaining));
}

/** When n8n gives up on the helper workflow and continues with what was known when the execution fell asleep. */
export function lastWakeUp({ runs, began }: Pick<SleepState, 'runs' | 'began'>): Date {
	const limits = runs.map(({ completion }) => (completion.waits ? completion.timeLimitMs : 0));
	const longest = limits.reduce((max, limit) => Math.max(max, limit), 0);
	const grace = Math.max(MIN_GRACE_MS, Math.min(MAX_GRACE_MS, longest * SLEEP_SHARE));
	return new Date(began + longest + grace);
}

/** The state as the item that the helper workflow passes from node to node. */
export function stateItem(state: SleepState): INodeExecutionData {
	return {
		json: { [STATE_MARK]: true, ...state } as unknown as INodeExecutionData['json'],
		pairedItem: { item: 0 },
	};
}
