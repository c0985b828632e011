import type { PlannedFault } from '../../sandbox/faults.cts';
import { echo, getRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// The Time Limit counts from the first request to the end, whatever happens between.
const suite = useSuite({ advance: 'time', stepMs: 3_600_000 });

/** Nine seconds, in the unit of the parameter. */
const TIME_LIMIT = 0.15;
const LIMIT_MS = 9_000;
/** What the node may be late: the requests themselves, and a last poll. */
const TOLERANCE_MS = 1_000;

const WAIT = { waitForCompletion: true, timeLimit: TIME_LIMIT };
const EXPIRED = 'The Dibby run is still in progress after 0.15 minutes';
const sum = (pauses: number[]) => pauses.reduce((total, pause) => total + pause, 0);

/** Kinds of trouble that pass, and how often each comes so that most of the limit is over then. */
const TROUBLE: Array<[name: string, fault: PlannedFault['fault'], times: number]> = [
	['HTTP 503', { status: 503 }, 4],
	['HTTP 503 with Retry-After', { status: 503, headers: { 'Retry-After': '3' } }, 2],
	['HTTP 429', { status: 429 }, 4],
	['HTTP 500', { status: 500 }, 4],
	['a connection that breaks off', { kind: 'resetBeforeRead' }, 4],
	['an answer that is not JSON', { kind: 'notJson' }, 4],
];

async function start(): Promise<string> {
	const { items } = await suite.engine.run(echo());
	return items[0]?.json.id as string;
}

describe.each(TROUBLE)('after %s for a while', (_name, fault, times) => {
	test('Get Run waits no longer than its Time Limit', async () => {
		const id = await start();
		suite.sandbox.failOn('GET', fault, [1, times]);
		const began = performance.now();
		const { error } = await suite.engine.run(getRun(id, WAIT));
		expect(error?.message).toBe(EXPIRED);
		expect(error?.runId).toBe(id);
		// The requests' own time counts too, and is long on a busy machine.
		const requestsMs = performance.now() - began;
		expect(sum(suite.clock.pauses) + requestsMs).toBeGreaterThan(LIMIT_MS - TOLERANCE_MS);
		expect(sum(suite.clock.pauses)).toBeLessThanOrEqual(LIMIT_MS + TOLERANCE_MS);
	});

	test('Trigger Run, which found the run of its first try, waits no longer than its Time Limit', async () => {
		suite.sandbox.setFaults([
			{ on: 'GET', nth: 1, fault: { status: 401 } },
			{ on: 'GET', nth: [2, times + 1], fault },
		]);
		const { error } = await suite.engine.run(
			echo({ ...WAIT }, { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 }),
		);
		expect(error?.message).toBe(EXPIRED);
		expect(suite.sandbox.runs.size).toBe(1);
		// The first pause is the first try's, which ended with the 401.
		const [, ...secondTry] = suite.clock.pauses;
		expect(sum(secondTry)).toBeLessThanOrEqual(LIMIT_MS + TOLERANCE_MS);
	});
});

test('without trouble, Get Run waits for its Time Limit', async () => {
	const id = await start();
	const { error } = await suite.engine.run(getRun(id, WAIT));
	expect(error?.message).toBe(EXPIRED);
	expect(sum(suite.clock.pauses)).toBeGreaterThan(LIMIT_MS - TOLERANCE_MS);
	expect(sum(suite.clock.pauses)).toBeLessThanOrEqual(LIMIT_MS + TOLERANCE_MS);
});

test('Trigger Run waits for its Time Limit from the moment the run was started', async () => {
	suite.sandbox.setFaults([
		{ on: 'POST', nth: [1, 2], fault: { status: 503 } },
		{ on: 'GET', nth: [1, 3], fault: { status: 500 } },
	]);
	const { error } = await suite.engine.run(echo({ ...WAIT }));
	expect(error?.message).toBe(EXPIRED);
	expect(sum(suite.clock.pauses)).toBeLessThanOrEqual(2 * LIMIT_MS);
});
