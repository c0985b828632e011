import type { INodeExecutionData } from 'n8n-workflow';

import { clock } from '../clock';
import type { ErrorDetails } from '../errors';
import type { Completion } from '../types';

/** A Wait node of less than 65 s keeps the execution in memory (n8n's Wait node). */
const SHORTEST_SLEEP_MS = 65_000;
const FIRST_SLEEP_MS = 80_000;
const LONGEST_SLEEP_MS = 15 * 60_000;

/** A longer wait makes a longer sleep worth it. */
const SLEEP_SHARE = 0.1;

/** Up to this share of a sleep is taken off by chance, so that many executions don't wake in one second. */
const JITTER_SHARE = 0.2;

/** How long after the last time limit n8n goes on without the inner workflow, if that was lost. */
const SHORTEST_PATIENCE_MS = 10 * 60_000;
const LONGEST_PATIENCE_MS = 60 * 60_000;

/** What is kept of an item while it sleeps: an ID and a state, never an output or a document. */
export interface SleepingRun {
	item: number;
	runId: string;
	status: string;
	/** Nothing more is asked: the run is over, or Dibby refuses to tell. */
	isOver: boolean;
	/** Why there is no run, or no more of it. */
	error?: ErrorDetails;
	isStartedHere: boolean;
	completion: Completion;
}

/**
 * The one item of the inner workflow: all runs of one execution of the node. It is stored for days, in which this
 * package may be updated: what is in it keeps its meaning.
 */
export interface SleepState {
	runs: SleepingRun[];
	/** When the waiting began, as a date, in milliseconds: it is stored, and outlives the process. */
	began: number;
	/** How often Dibby was asked. */
	polls: number;
	/** How long to sleep next. */
	sleepSeconds: number;
	/** Whether all runs are over, or their time limits. */
	isOver: boolean;
}

/** Whether a run's time limit is up. */
export function isTimeUp(began: number, { timeLimitMs }: Completion): boolean {
	return clock.date() >= began + timeLimitMs;
}

/** Decides, after a poll, whether to sleep again, and how long. */
export function nextState(runs: SleepingRun[], began: number, polls: number): SleepState {
	const now = clock.date();
	const limits = runs
		.filter(({ isOver }) => !isOver)
		.map(({ completion }) => began + completion.timeLimitMs)
		.filter((limit) => limit > now);
	const remaining = limits.reduce((nearest, limit) => Math.min(nearest, limit - now), Infinity);
	return {
		runs,
		began,
		polls,
		sleepSeconds: Math.ceil(sleepBeforePoll(now - began, remaining) / 1_000),
		isOver: limits.length === 0,
	};
}

/**
 * How long to sleep before the next poll.
 *
 * @param elapsed time since the waiting began, in milliseconds
 * @param remaining time until the next time limit, in milliseconds
 * @returns milliseconds; n8n's wait tracker makes it up to a minute more
 */
export function sleepBeforePoll(elapsed: number, remaining: number): number {
	const growing = Math.min(LONGEST_SLEEP_MS, Math.max(FIRST_SLEEP_MS, elapsed * SLEEP_SHARE));
	const jittered = growing * (1 - JITTER_SHARE * clock.random());
	return Math.max(SHORTEST_SLEEP_MS, Math.min(jittered, remaining));
}

/** When n8n gives up the inner workflow and goes on with what was known when the node fell asleep. */
export function lastWaking({ runs, began }: SleepState): Date {
	const longest = runs.reduce((most, { completion }) => Math.max(most, completion.timeLimitMs), 0);
	const patience = Math.max(
		SHORTEST_PATIENCE_MS,
		Math.min(LONGEST_PATIENCE_MS, longest * SLEEP_SHARE),
	);
	return new Date(began + longest + patience);
}

/** The state as the item that the inner workflow hands from node to node. */
export function stateItem(state: SleepState): INodeExecutionData {
	return { json: { ...state } as unknown as INodeExecutionData['json'], pairedItem: { item: 0 } };
}
