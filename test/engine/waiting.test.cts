import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, echo, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();
const gets = () => suite.sandbox.requests.filter(({ method }) => method === 'GET');
const sum = (pauses: number[]) => pauses.reduce((total, pause) => total + pause, 0);
const WAIT = { waitForCompletion: true };
const FAILED = 'The Dibby run failed after 2 of 5 steps';
const failing = (parameters: object = {}) => triggerRun(WORKFLOWS.failing.id, parameters as never);

/** A run that waits for a person, so that it never ends here. */
const items = [{ json: {}, binary: { data: inMemoryFile('hello', 'text/plain') } }];
const startPending = async (parameters: object = {}, node = {}) => {
	const given = { ...document('document'), ...parameters };
	return await suite.engine.run(triggerRun(WORKFLOWS.approval.id, given, node), { items });
};

async function start(step = echo()): Promise<string> {
	await suite.engine.run(step);
	return suite.sandbox.runIds.at(-1) ?? '';
}

test('at the time limit, which no pause goes past, the run is polled and returned when the user wants that', async () => {
	const options = { whenTimeRunsOut: 'return' };
	const limited = { ...WAIT, timeLimit: 5 / 60, options, output: 'output' };
	const { items: results } = await startPending(limited);
	const [id] = suite.sandbox.runIds;
	expect(results[0]?.json).toMatchObject({ id, status: 'RUNNING' });
	// The rest is what the requests take, on a busy machine too.
	expect(sum(suite.clock.pauses)).toBeGreaterThan(3_000);
	expect(sum(suite.clock.pauses)).toBeLessThanOrEqual(5_000);
	expect(gets().length).toBe(suite.clock.pauses.length);
});

describe("'Time Limit' counts from the first request to the end, whatever happens between", () => {
	const LIMIT_MS = 9_000;
	/** What the node may be late: the requests themselves, and a last poll. */
	const TOLERANCE_MS = 1_000;
	const limited = { ...WAIT, timeLimit: 0.15 };
	const EXPIRED = 'The Dibby run is still in progress after 0.15 minutes';

	/** Kinds of trouble that pass, and how often each comes so that most of the limit is over then. */
	describe.each<[name: string, fault: Fault, times: number]>([
		['HTTP 503', { status: 503 }, 4],
		['HTTP 503 with Retry-After', { status: 503, headers: { 'Retry-After': '3' } }, 2],
		['HTTP 429', { status: 429 }, 4],
		['HTTP 500', { status: 500 }, 4],
		['a connection that breaks off', { kind: 'resetBeforeRead' }, 4],
		['an answer that is not JSON', { kind: 'notJson' }, 4],
		['no trouble', { status: 500 }, 0],
	])('with %s', (_name, fault, times) => {
		test('for Get Run', async () => {
			await startPending();
			const [runId = ''] = suite.sandbox.runIds;
			suite.sandbox.failOn('GET', fault, [1, times]);
			const began = performance.now();
			const { error } = await suite.engine.run(getRun(runId, limited));
			expect(error).toMatchObject({ message: EXPIRED, runId });
			// The requests' own time counts too, and is long on a busy machine.
			const requestsMs = performance.now() - began;
			expect(sum(suite.clock.pauses) + requestsMs).toBeGreaterThan(LIMIT_MS - TOLERANCE_MS);
			expect(sum(suite.clock.pauses)).toBeLessThanOrEqual(LIMIT_MS + TOLERANCE_MS);
		});

		test('for Trigger Run, which found the run of its first try', async () => {
			suite.sandbox.setFaults([
				{ on: 'GET', nth: 1, fault: { status: 401 } },
				{ on: 'GET', nth: [2, times + 1], fault },
			]);
			const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
			const { error } = await startPending(limited, node);
			expect(error?.message).toBe(EXPIRED);
			expect(suite.sandbox.runs.size).toBe(1);
			// The first pause is the first try's, which ended with the 401.
			const [, ...secondTry] = suite.clock.pauses;
			expect(sum(secondTry)).toBeLessThanOrEqual(LIMIT_MS + TOLERANCE_MS);
		});
	});

	test('for Trigger Run, from the moment the run was started', async () => {
		suite.sandbox.setFaults([
			{ on: 'POST', nth: [1, 2], fault: { status: 503 } },
			{ on: 'GET', nth: [1, 3], fault: { status: 500 } },
		]);
		const { error } = await startPending(limited);
		expect(error?.message).toBe(EXPIRED);
		expect(sum(suite.clock.pauses)).toBeLessThanOrEqual(2 * LIMIT_MS);
	});
});

// It is n8n's own, and n8n checks nothing of it.
test.each([
	...[-1, 0, 2 ** 31, 9_999_999_999],
	...['={{ "abc" }}', '={{ -5 }}', '={{ null }}', '={{ "60000" }}'],
])('a Timeout of %s lets a request that is answered come through', async (timeout) => {
	const { error } = await suite.engine.run(echo({ requestOptions: { timeout } }));
	expect(error).toBeUndefined();
	expect(suite.sandbox.runs.size).toBe(1);
});

describe('Get Run', () => {
	test('gives the run as it is', async () => {
		const json = { id: await start(), status: 'RUNNING', output: null };
		const { items: results } = await suite.engine.run(getRun(json.id));
		expect(results).toMatchObject([{ json, pairedItem: { item: 0 } }]);
	});

	test('gives a failed run as data without waiting, and as an error with it', async () => {
		const id = await start(failing());
		expect((await suite.engine.run(getRun(id, WAIT))).error?.message).toBe(FAILED);
		const { items: results } = await suite.engine.run(getRun(id));
		expect(results[0]?.json).toMatchObject({ id, status: 'FAILED' });
	});

	test.each([' ', '.', '..', '...'])('of %j is an error before anything is sent', async (runId) => {
		expect((await suite.engine.run(getRun(runId))).error).toBeDefined();
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test.each(['../../x', 'a/b', 'a?b=c', 'a#b', '%2e%2e', 'ü', 'a b'])('ID %j', async (runId) => {
		await suite.engine.run(getRun(runId));
		const path = `/api/runs/${encodeURIComponent(runId)}`;
		expect(suite.sandbox.requests).toMatchObject([{ path }]);
	});

	test('asks Dibby five times at most without waiting', async () => {
		suite.sandbox.failOn('GET', { status: 500, body: '' });
		const { error } = await suite.engine.run(getRun('run_1'));
		expect(error?.message).toBe("Dibby couldn't process the request (HTTP 500)");
		expect(gets()).toHaveLength(5);
	});

	const one = { options: { requestsAtOnce: 1 } };
	const two = { items: [{ json: {} }, { json: {} }] };

	test.each([429, 503])('makes all items pause after an HTTP %d', async (status) => {
		const id = await start();
		suite.sandbox.failOn('GET', { status, headers: { 'Retry-After': '0.3' } }, 1);
		suite.clock.restore();
		await suite.engine.run(getRun(id, one), two);
		const [first = 0, second = 0] = gets().map(({ startedAt }) => startedAt);
		expect(second - first).toBeGreaterThanOrEqual(300);
	});

	test('makes only its own item pause after another failure', async () => {
		const id = await start();
		suite.sandbox.failOn('GET', { status: 500 }, 1);
		await suite.engine.run(getRun(id, one), two);
		expect(suite.clock.pauses).toEqual([500]);
		expect(gets()).toHaveLength(3);
	});
});
