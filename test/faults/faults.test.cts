import type { Fault, PlannedFault } from '../../sandbox/faults.cts';
import { document, echo, getRun } from '../support/jobs.cts';
import { storeFile } from '../support/n8n.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

const suite = useSuite();

/** What came of a fault in the requests of one item. */
interface Expected {
	posts?: number;
	gets?: number;
	/** Runs that exist in the sandbox afterwards. */
	runs?: number;
	/** The error's message; undefined if the item succeeds. */
	error?: string;
	/** Whether the error says that a run may have been started. */
	unknown?: boolean;
}
type Case = [fault: Fault, expected: Expected, nth?: PlannedFault['nth']];
type Row = [name: string, ...Case];

const TWICE: [number, number] = [1, 2];
const HUGE: Fault = { kind: 'hugeBody', bytes: 1024 ** 3 };
const RUN_MAY = ', but a run may have been started';
const LOST = `The connection to Dibby was lost${RUN_MAY}`;
const LATE = `Dibby didn't respond in time${RUN_MAY}`;
const TOO_LARGE = `Dibby's response is too large${RUN_MAY}`;
const CUT_OFF = `Dibby's response was cut off${RUN_MAY}`;
const NOT_JSON = "Dibby's response isn't JSON";
const REDIRECT = "The 'Base URL' redirects to another URL";
const NO_RUN = "Dibby's response isn't a run";
const redirect = (location: string) => ({ status: 302, headers: { location } });
const http = (status: number) => `Dibby couldn't process the request (HTTP ${status})`;

/** The node can't know whether a run was started; the sandbox has one, or none. */
const unknown = (error: string, runs = 1): Expected => ({ error, runs, unknown: true });
const rejected = (error: string, posts = 1): Expected => ({ error, posts, runs: 0 });

async function check(on: 'POST' | 'GET', [fault, expected, nth]: Case, parameters: object) {
	suite.sandbox.failOn(on, fault, nth);
	const hangs = 'kind' in fault && ['hang', 'slowBody', 'stuckBody'].includes(fault.kind);
	const step = echo({ ...parameters, ...(hangs ? { requestOptions: { timeout: 1_000 } } : {}) });
	const { items, error, stored } = await suite.engine.run(step, { items: [{ json: { n: 1 } }] });
	const seen = (method: string) =>
		suite.sandbox.requests.filter((request) => request.method === method).length;
	const { posts = 1, gets = seen('GET'), runs = 1, unknown: isUnknown = false } = expected;
	expect(error?.message).toBe(expected.error);
	expect([seen('POST'), seen('GET'), suite.sandbox.runs.size]).toEqual([posts, gets, runs]);
	expect(error?.outcomeUnknown ?? false).toBe(isUnknown);
	if (isUnknown) expect(error?.description).toMatch(/A run may have been started\. Before you try/);
	expect(items).toHaveLength(error === undefined ? 1 : 0);
	expect(stored).not.toContain(TOKEN);
	return error;
}

const PAGE = { status: 503, body: '<html>', headers: { 'retry-after': '1' } };

describe('the request that starts a run', () => {
	test.each<Row>([
		['429 twice, then accepted', { status: 429 }, { posts: 3 }, TWICE],
		['503 twice, then accepted', { status: 503 }, { posts: 3 }, TWICE],
		['503 with Retry-After', { status: 503, headers: { 'retry-after': '1' } }, { posts: 3 }, TWICE],
		['503 with a web page and Retry-After', PAGE, { posts: 3 }, TWICE],
		['429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, { posts: 2 }, 1],
		['429 forever', { status: 429 }, rejected('Dibby is receiving too many requests', 5)],
		['503 forever', { status: 503 }, rejected("Dibby isn't available at the moment", 5)],
		['401', { status: 401 }, rejected('Dibby rejected the token')],
		['500', { status: 500 }, unknown(http(500), 0)],
		['502 after the run was started', { status: 502, taken: true }, unknown(http(502))],
		['504 after the run was started', { status: 504, taken: true }, unknown(http(504))],
		['503 with a web page', { status: 503, body: '<html>', taken: true }, unknown(http(503))],
		['302 after the run was started', { ...redirect('/runs/1'), taken: true }, unknown(REDIRECT)],
		['a redirect to another host', redirect('https://other.example/runs'), unknown(REDIRECT, 0)],
		['a reset before the request is read', { kind: 'resetBeforeRead' }, unknown(LOST, 0)],
		['a reset after the first byte', { kind: 'resetAfterFirstByte' }, unknown(LOST, 0)],
		['a reset after the run was started', { kind: 'resetAfterTaken' }, unknown(LOST)],
		['no response before the timeout', { kind: 'hang' }, unknown(LATE, 0)],
		['a response that takes too long', { kind: 'slowBody', byteEveryMs: 40 }, unknown(LATE)],
		['a response that stalls', { kind: 'stuckBody' }, unknown(LATE)],
		['a response that is cut off', { kind: 'truncated' }, unknown(CUT_OFF)],
		["a response that isn't JSON", { kind: 'notJson' }, unknown(NOT_JSON)],
		['a web page', { status: 201, body: '<html>', taken: true }, unknown(NOT_JSON)],
		['an empty response', { status: 201, body: '', taken: true }, unknown(NOT_JSON)],
		["JSON that isn't a run", { status: 201, body: '{"data":[1]}', taken: true }, unknown(NO_RUN)],
		['a response of 1 GB', HUGE, unknown(TOO_LARGE)],
		['a response that never ends', { kind: 'endlessBody' }, unknown(TOO_LARGE)],
		['a response with another encoding', { kind: 'latin1' }, {}],
	])('%s', async (_name, ...row) => void (await check('POST', row, {})));
});

// Without faults, it takes two polls.
describe('the polls of a run', () => {
	const EXPIRED = 'The Dibby run is still in progress after 0.1 minutes';
	const malformed = { list: Array.from({ length: 10_000 }, () => 'data:a/b;base64,===') };
	const another = '{"id":"run_other","status":"FINISHED"}';

	test.each<Row>([
		['resets twice', { kind: 'resetBeforeRead' }, { gets: 4 }, TWICE],
		['500 twice', { status: 500 }, { gets: 4 }, TWICE],
		...[408, 425, 429, 499].map((status): Row => [`${status}`, { status }, { gets: 4 }, TWICE]),
		['304 twice', { status: 304, body: '' }, { gets: 4 }, TWICE],
		['404 twice, right after the start', { status: 404 }, { gets: 4 }, TWICE],
		["another run's ID twice", { status: 200, body: another }, { gets: 4 }, TWICE],
		['a web page', { status: 200, body: '<html>', taken: true }, { gets: 2 }, 1],
		['a response that is cut off', { kind: 'truncated' }, { gets: 2 }, 1],
		['a response that stalls', { kind: 'stuckBody' }, { gets: 2 }, 1],
		['no response', { kind: 'hang' }, { gets: 3 }, 1],
		['an undocumented status', { kind: 'unknownStatus', status: 'PAUSED' }, { gets: 2 }, 1],
		['an undocumented status forever', { kind: 'unknownStatus', status: 'X' }, { error: EXPIRED }],
		['500 until the time limit', { status: 500 }, { error: EXPIRED }],
		['401', { status: 401 }, { gets: 1, error: 'Dibby rejected the token' }],
		['403', { status: 403 }, { gets: 1, error: 'Dibby denied access with this token' }],
		['404 forever', { status: 404 }, { gets: 4, error: "Dibby can't find this run" }],
		['a finished run of 1 GB', HUGE, { gets: 1, error: "Dibby's response is too large" }],
		['a result nested a thousand deep', { kind: 'deepJson', depth: 1000 }, { gets: 1 }],
		['ten thousand malformed documents', { kind: 'output', output: malformed }, { gets: 1 }],
	])('%s', async (_name, ...row) => {
		const error = await check('GET', row, { waitForCompletion: true, timeLimit: 0.1 });
		// A run that the node knows of is named, whatever happened after it was started.
		if (error !== undefined) expect(error.description).toContain(suite.sandbox.runIds[0]);
	});
});

test('a run that is not found stays so after five polls', async () => {
	const row: Case = [{ status: 404 }, { gets: 5, error: "Dibby can't find this run" }];
	await check('GET', row, { waitForCompletion: true });
});

test('after an outage, a new run may still be not found at first', async () => {
	suite.sandbox.setFaults([
		{ on: 'GET', nth: [1, 6], fault: { status: 500 } },
		{ on: 'GET', nth: 7, fault: { status: 404 } },
	]);
	expect((await suite.engine.run(echo({ waitForCompletion: true }))).error).toBeUndefined();
});

test('a whole upload whose connection is lost may have started a run', async () => {
	suite.sandbox.failOn('POST', { kind: 'resetAfterTaken' });
	const items = [{ json: {}, binary: { data: await storeFile('%PDF') } }];
	const step = echo(document('document'));
	const { error } = await suite.engine.run(step, { items });
	expect(error?.message).toBe(LOST);
	expect(suite.sandbox.runs.size).toBe(1);
});

test('a start whose next attempt would be too late ends at once', async () => {
	suite.sandbox.failOn('POST', { status: 429, headers: { 'retry-after': '60' } });
	const { error } = await suite.engine.run(echo({ waitForCompletion: true, timeLimit: 0.5 }));
	expect(error?.message).toBe('Dibby is receiving too many requests');
	expect(suite.clock.pauses).toEqual([]);
});

test('a rate limit pauses all items, also if one of them has no time left', async () => {
	const many = { status: 429, headers: { 'retry-after': '100' } };
	suite.sandbox.failOn('GET', many, 1);
	const given = { waitForCompletion: true, timeLimit: 0.5, options: { requestsAtOnce: 1 } };
	const items = [{ json: { id: 'run_1' } }, { json: { id: 'run_2' } }];
	const step = getRun('={{ $json.id }}', given, { onError: 'continueRegularOutput' });
	await suite.engine.run(step, { items });
	expect(Math.max(...suite.clock.pauses)).toBeGreaterThanOrEqual(100_000);
});
