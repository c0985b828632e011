import type { FaultPlan } from '../../sandbox/faults.cts';

/** A fault in the requests of one item, and the expected result. */
export interface FaultCase {
	/** What goes wrong, in terms of operations. */
	name: string;
	faults: FaultPlan;
	/** Whether the node waits for the run, or only starts it. */
	waits: boolean;
	/** Requests that the sandbox must have seen. */
	posts: number;
	gets?: number;
	/** Runs that must exist in the sandbox afterwards. */
	runs: number;
	/** The error's message; undefined if the item succeeds. */
	error?: string;
	/** Whether the error says that a run may have been started. */
	unknown?: boolean;
}

const RUN_MAY = ', but a run may have been started';
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
		name: '429 forever',
		faults: [post({ status: 429 })],
		waits: false,
		posts: 5,
		runs: 0,
		error: 'Dibby is receiving too many requests',
	},
	{
		name: '503 forever',
		faults: [post({ status: 503 })],
		waits: false,
		posts: 5,
		runs: 0,
		error: "Dibby isn't available at the moment",
	},
	{
		name: '500',
		faults: [post({ status: 500 })],
		waits: false,
		posts: 1,
		runs: 0,
		error: "Dibby couldn't process the request (HTTP 500)",
		unknown: true,
	},
	{
		name: '502 after the run was started',
		faults: [post({ status: 502, taken: true })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby couldn't process the request (HTTP 502)",
		unknown: true,
	},
	{
		name: '504 after the run was started',
		faults: [post({ status: 504, taken: true })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby couldn't process the request (HTTP 504)",
		unknown: true,
	},
	{
		name: '503 with a web page',
		faults: [post({ status: 503, body: '<html>', taken: true })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby couldn't process the request (HTTP 503)",
		unknown: true,
	},
	{
		name: '503 with Retry-After, twice, then accepted',
		faults: [post({ status: 503, body: '', headers: { 'retry-after': '1' } }, TWICE)],
		waits: false,
		posts: 3,
		runs: 1,
	},
	{
		name: '302 after the run was started',
		faults: [post({ status: 302, taken: true, headers: { location: '/runs/1' } })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "The 'Base URL' redirects to another URL",
		unknown: true,
	},
	{
		name: '401',
		faults: [post({ status: 401 })],
		waits: false,
		posts: 1,
		runs: 0,
		error: 'Dibby rejected the token',
	},
	{
		name: 'connection reset before the request is read',
		faults: [post({ kind: 'resetBeforeRead' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: `The connection to Dibby was lost${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'connection reset after the first byte',
		faults: [post({ kind: 'resetAfterFirstByte' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: `The connection to Dibby was lost${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'connection reset after the run was started',
		faults: [post({ kind: 'resetAfterTaken' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `The connection to Dibby was lost${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'no response before the timeout',
		faults: [post({ kind: 'hang' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: `Dibby didn't respond in time${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the response takes longer than the timeout',
		faults: [post({ kind: 'slowBody', byteEveryMs: 40 })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby didn't respond in time${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the response stalls',
		faults: [post({ kind: 'stuckBody' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby didn't respond in time${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the response is cut off',
		faults: [post({ kind: 'truncated' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby's response was cut off${RUN_MAY}`,
		unknown: true,
	},
	{
		name: "the response isn't JSON",
		faults: [post({ kind: 'notJson' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby's response isn't JSON",
		unknown: true,
	},
	{
		name: 'the response is a web page',
		faults: [post({ kind: 'html' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby's response isn't JSON",
		unknown: true,
	},
	{
		name: 'the response is empty',
		faults: [post({ kind: 'emptyBody' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby's response isn't JSON",
		unknown: true,
	},
	{
		name: 'the response is JSON, but not a run',
		faults: [post({ kind: 'wrongShape' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: "Dibby's response isn't a run",
		unknown: true,
	},
	{
		name: 'the response has 1 GB',
		faults: [post({ kind: 'hugeBody', bytes: 1024 ** 3 })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby's response is too large${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'the response never ends',
		faults: [post({ kind: 'endlessBody' })],
		waits: false,
		posts: 1,
		runs: 1,
		error: `Dibby's response is too large${RUN_MAY}`,
		unknown: true,
	},
	{
		name: 'a redirect to another host',
		faults: [post({ kind: 'redirect', location: 'https://elsewhere.example/runs' })],
		waits: false,
		posts: 1,
		runs: 0,
		error: "The 'Base URL' redirects to another URL",
		unknown: true,
	},
	{
		name: 'the response has another encoding',
		faults: [post({ kind: 'latin1' })],
		waits: false,
		posts: 1,
		runs: 1,
	},
];

/** Everything that can go wrong while the node waits for a run. Without faults, it takes two polls. */
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
		name: 'polls that return 500 twice',
		faults: [get({ status: 500 }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: 'polls that return 429 twice',
		faults: [get({ status: 429 }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: 'a poll that returns a web page',
		faults: [get({ kind: 'html' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: "a poll's response that is cut off",
		faults: [get({ kind: 'truncated' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: "a poll's response that stalls",
		faults: [get({ kind: 'stuckBody' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: 'a poll without a response',
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
		error: 'The Dibby run is still in progress after 0.1 minutes',
	},
	{
		name: "polls that return another run's ID twice",
		faults: [get({ status: 200, body: '{"id":"run_other","status":"FINISHED"}' }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: 'polls that return 304 twice',
		faults: [get({ status: 304, body: '' }, TWICE)],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
	},
	{
		name: '401 while waiting',
		faults: [get({ status: 401 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
		error: 'Dibby rejected the token',
	},
	{
		name: '403 while waiting',
		faults: [get({ status: 403 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
		error: 'Dibby denied access with this token',
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
		name: '404 forever while waiting',
		faults: [get({ status: 404 })],
		waits: true,
		posts: 1,
		gets: 4,
		runs: 1,
		error: "Dibby can't find this run",
	},
	{
		name: 'an undocumented status, then FINISHED',
		faults: [get({ kind: 'unknownStatus', status: 'PAUSED' }, 1)],
		waits: true,
		posts: 1,
		gets: 2,
		runs: 1,
	},
	{
		name: 'an undocumented status forever',
		faults: [get({ kind: 'unknownStatus', status: 'PAUSED' })],
		waits: true,
		posts: 1,
		runs: 1,
		error: 'The Dibby run is still in progress after 0.1 minutes',
	},
	{
		name: 'a finished run of 1 GB',
		faults: [get({ kind: 'hugeBody', bytes: 1024 ** 3 })],
		waits: true,
		posts: 1,
		gets: 1,
		runs: 1,
		error: "Dibby's response is too large",
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
