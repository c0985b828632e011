import type { FaultPlan } from '../../sandbox/faults.cts';

/** A fault on the way of one item, and what must come of it. */
export interface FaultCase {
	/** What goes wrong, for an operations person. */
	name: string;
	faults: FaultPlan;
	/** Whether the node waits for the run; without it, only the start is shown. */
	waits: boolean;
	/** Requests that the sandbox must have seen. */
	posts: number;
	gets?: number;
	/** Runs that must exist in the sandbox afterwards. */
	runs: number;
	/** The error's message; none means that the item came through. */
	error?: string;
	/** Whether the error says that a run may have been started. */
	unknown?: boolean;
}

const RUN_MAY = ', and a run may have been started';
const TWICE: [number, number] = [1, 2];

/** Everything that can go wrong with the request that starts a run. */
const STARTING: FaultCase[] = [
	{
		name: '429 twice, then accepted',
		faults: [post({ status: 429 }, TWICE)],
		waits: false,
		posts: 3,
		runs: 1,
	},
	{
		name: '503 twice, then accepted',
		faults: [post({ status: 503 }, TWICE)],
		waits: false,
		posts: 3,
		runs: 1,
	},
	{
		name: '429 with Retry-After: 7',
		faults: [post({ status: 429, headers: { 'retry-after': '7' } }, 1)],
		waits: false,
		posts: 2,
		runs: 1,
	},
	{
		name: '429 for ever',
		faults: [post({ status: 429 })],
		waits: false,
		posts: 5,
		runs: 0,
		error: 'Dibby is receiving too many requests',
	},
	{
		name: '503 for ever',
		faults: [post({ status: 503 })],
		waits: false,
		posts: 5,
		runs: 0,
		error: 'Dibby is not available at the moment',
	},
	{
		name: '500',
		faults: [post({ status: 500 })],
		waits: false,
		posts: 1,
		runs: 0,
		error: 'Dibby could not process the request (HTTP 500)',
		unknown: true,
	},
	{
		name: '502 after the run was started',
		faults: [post({ status: 502, taken: true })],
		waits: false,
		posts: 1,
		runs: 1,
		error: 'Dibby could not process the request (HTTP 502)',
		unknown: true,
	},
	{
		name: '504 after the run was started',
		faults: [post({ status: 504, taken: true })],
		waits: false,
		posts: 1,
		runs: 1,
		error: 'Dibby could not process the request (HTTP 504)',
		unknown: true,
	},
	{
		name: '401',
		faults: [post({ status: 401 })],
		waits: false,
		posts: 1,
		runs: 0,
		error: 'Dibby did not accept the token',
	},
	{
		name: 'connection reset before the request is read',
		faults: [post({ kind: 'resetBeforeRead' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: `The connection to Dibby broke off${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'connection reset after the first byte',
		faults: [post({ kind: 'resetAfterFirstByte' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: `The connection to Dibby broke off${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'connection reset after the run was started',
		faults: [post({ kind: 'resetAfterTaken' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `The connection to Dibby broke off${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'no answer until the time-out',
		faults: [post({ kind: 'hang' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: `Dibby did not answer in time${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the answer drips in, longer than the time-out',
		faults: [post({ kind: 'slowBody', byteEveryMs: 40 })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby did not answer in time${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the answer begins and does not go on',
		faults: [post({ kind: 'stuckBody' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby did not answer in time${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the answer breaks off',
		faults: [post({ kind: 'truncated' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `The answer of Dibby broke off${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the answer is not JSON',
		faults: [post({ kind: 'notJson' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: 'Dibby answered with something that is not JSON',
		unknown: true,
	},
	{
		name: 'the answer is a web page',
		faults: [post({ kind: 'html' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: 'Dibby answered with something that is not JSON',
		unknown: true,
	},
	{
		name: 'the answer is empty',
		faults: [post({ kind: 'emptyBody' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: 'Dibby answered with something that is not JSON',
		unknown: true,
	},
	{
		name: 'the answer is JSON, but no run',
		faults: [post({ kind: 'wrongShape' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: 'Dibby answered with something that is not a run',
		unknown: true,
	},
	{
		name: 'the answer has 1 GB',
		faults: [post({ kind: 'hugeBody', bytes: 1024 ** 3 })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `The answer of Dibby is too large${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the answer never ends',
		faults: [post({ kind: 'endlessBody' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `The answer of Dibby is too large${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'a redirect to another host',
		faults: [post({ kind: 'redirect', location: 'https://elsewhere.example/runs' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: 'The Base URL redirects to another address',
	},
	{
		name: 'the answer is in another encoding',
		faults: [post({ kind: 'latin1' })],
		waits: false,
		posts: 1,
		runs: 1,
	},
];

/** Everything that can go wrong while a run is waited for. The run needs two polls without faults. */
const WAITING: FaultCase[] = [
	{
		name: 'polls reset twice',
		faults: [get({ kind: 'resetBeforeRead' }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: 'polls answered with 500 twice',
		faults: [get({ status: 500 }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: 'polls answered with 429 twice',
		faults: [get({ status: 429 }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: 'a poll answered with a web page',
		faults: [get({ kind: 'html' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: 'a poll answer that breaks off',
		faults: [get({ kind: 'truncated' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: 'a poll answer that begins and does not go on',
		faults: [get({ kind: 'stuckBody' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: 'a poll without an answer',
		faults: [get({ kind: 'hang' }, 1)],
		waits: true,
		posts: 1,
		gets: 3,
		runs: 1,
	},
	{
		name: 'polls fail until the time limit',
		faults: [get({ status: 500 })],
		waits: true,
		posts: 1,
		runs: 1,
		error: 'The Dibby run was not finished after 0.1 minutes',
	},
	{
		name: '401 while waiting',
		faults: [get({ status: 401 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
		error: 'Dibby did not accept the token',
	},
	{
		name: '403 while waiting',
		faults: [get({ status: 403 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
		error: 'Dibby does not allow this with the token',
	},
	{
		name: '404 twice, right after the start',
		faults: [get({ status: 404 }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: '404 while waiting, for ever',
		faults: [get({ status: 404 })],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
		error: 'Dibby does not know this run',
	},
	{
		name: 'a status that is not documented, then finished',
		faults: [get({ kind: 'unknownStatus', status: 'PAUSED' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: 'a status that is not documented, for ever',
		faults: [get({ kind: 'unknownStatus', status: 'PAUSED' })],
		waits: true,
		posts: 1,
		runs: 1,
		error: 'The Dibby run was not finished after 0.1 minutes',
	},
	{
		name: 'a finished run of 1 GB',
		faults: [get({ kind: 'hugeBody', bytes: 1024 ** 3 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
		error: 'The answer of Dibby is too large',
	},
	{
		name: 'a result nested a thousand deep',
		faults: [get({ kind: 'deepJson', depth: 1000 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
	},
	{
		name: 'a result with ten thousand malformed documents',
		faults: [
			get({
				kind: 'output',
				output: { list: Array.from({ length: 10_000 }, () => 'data:a/b;base64,===') },
			}),
		],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
	},
];

export const FAULT_CASES: FaultCase[] = [...STARTING, ...WAITING];

function post(
	fault: FaultPlan[number]['fault'],
	nth?: number | [number, number],
): FaultPlan[number] {
	return { name: 'fault', on: 'POST', fault, nth };
}

function get(
	fault: FaultPlan[number]['fault'],
	nth?: number | [number, number],
): FaultPlan[number] {
	return { name: 'fault', on: 'GET', fault, nth };
}
