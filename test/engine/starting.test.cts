import type { INode } from 'n8n-workflow';

import type { PlannedFault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { echo, triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// When a request is sent again, and when it is not.
const suite = useSuite({ keepBodies: true });
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST');

async function start(
	fault: PlannedFault['fault'],
	nth: PlannedFault['nth'],
	parameters: object = {},
	node: Partial<INode> = {},
) {
	suite.sandbox.failOn('POST', fault, nth);
	const given = { specifyInputs: 'item', ...parameters };
	return await suite.engine.run(triggerRun(WORKFLOWS.echo.id, given, node));
}

test('a refused connection is tried five times in all, with longer and longer pauses', async () => {
	await suite.sandbox.pause();
	const { error } = await start({ status: 200 }, 1);
	expect(error?.message).toBe("Can't connect to Dibby");
	const { pauses } = suite.clock;
	expect(pauses).toHaveLength(4);
	expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
	expect(pauses[3]).toBeGreaterThan(4 * (pauses[0] ?? 0));
});

test('the Time Limit bounds the tries, counted from the first of them', async () => {
	const { error } = await start(
		{ status: 503, headers: { 'Retry-After': '4' } },
		[1, 9],
		// Six seconds.
		{ waitForCompletion: true, timeLimit: 0.1 },
	);
	expect(error?.message).toBe("Dibby isn't available at the moment");
	expect(posts()).toHaveLength(2);
});

describe('Retry On Fail', () => {
	test.each<readonly [status: number, times: number]>([
		[503, 5],
		[429, 5],
		...[307, 308, 400, 401, 403, 404, 407, 413, 422, 498].map((status) => [status, 1] as const),
	])(
		'starts the run after HTTP %d, %d times, which definitely started none',
		async (status, times) => {
			const { error } = await start({ status }, [1, times], {}, RETRY);
			expect(error).toBeUndefined();
			expect(posts()).toHaveLength(times + 1);
			expect(suite.sandbox.runs.size).toBe(1);
		},
	);
});

describe('the other spelling of the key', () => {
	test.each([400, 422])('is used after HTTP %d, without a pause', async (status) => {
		suite.sandbox.failOn('POST', { status, body: 'worfklowId is required' }, 1);
		const { error } = await suite.engine.run(
			triggerRun(WORKFLOWS.otherSpelling.id, { specifyInputs: 'item' }),
		);
		expect(error).toBeUndefined();
		expect(posts()).toHaveLength(2);
		expect(posts()[1]?.rawBody).toMatch(/^{"worfklowId":/);
		expect(suite.clock.pauses).toEqual([]);
	});

	test.each([401, 404, 423])('is not tried after HTTP %d', async (status) => {
		const { error } = await start({ status, body: 'worfklowId' }, [1, 9]);
		expect(error?.description).toContain('worfklowId');
		expect(posts()).toHaveLength(1);
	});

	test('is tried once', async () => {
		const { error } = await start({ status: 422, body: 'worfklowId' }, [1, 9]);
		expect(error?.message).toBe('Dibby rejected the inputs');
		expect(posts()).toHaveLength(2);
	});
});

describe.each([` ${TOKEN}\n`, `Bearer ${TOKEN}`])('a token that was entered as %j', (entered) => {
	const spaces = useSuite({}, { token: entered });

	test('works, and is not shown when the server repeats it', async () => {
		spaces.sandbox.failOn('POST', { status: 400, body: `no ${TOKEN} here` }, 1);
		const steps = [echo({}, RETRY)];
		expect((await spaces.engine.run(steps)).error).toBeUndefined();
		spaces.sandbox.failOn('POST', { status: 400, body: `no ${TOKEN} here` });
		const { error, stored } = await spaces.engine.run(steps);
		expect(error?.description).toContain('no ');
		expect(stored).not.toContain(TOKEN);
	});
});
