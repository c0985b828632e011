import { clock } from '../../dist/nodes/Dibby/clock.js';
import { innerWorkflow } from '../../dist/nodes/Dibby/waiting/innerWorkflow.js';
import { lastWaking, nextState, sleepBeforePoll } from '../../dist/nodes/Dibby/waiting/sleep.js';
import type { SleepingRun } from '../../dist/nodes/Dibby/waiting/sleep.js';

const { date, random } = clock;
afterEach(() => Object.assign(clock, { date, random }));

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const sleeping = (isOver: boolean, timeLimitMs = DAY) =>
	({ item: 0, runId: 'run_1', isOver, completion: { timeLimitMs } }) as SleepingRun;

test.each([
	[0, 80_000],
	[10 * MINUTE, 80_000],
	[100 * MINUTE, 10 * MINUTE],
	[DAY, 15 * MINUTE],
])(
	'after %d ms n8n sleeps %d ms, less up to a fifth by chance, never below 65 s',
	(elapsed, longest) => {
		clock.random = () => 0;
		expect(sleepBeforePoll(elapsed, Infinity)).toBe(longest);
		clock.random = () => 1;
		expect(sleepBeforePoll(elapsed, Infinity)).toBe(Math.max(65_000, longest * 0.8));
		expect(sleepBeforePoll(elapsed, 66_000)).toBeLessThanOrEqual(66_000);
		expect(sleepBeforePoll(elapsed, 10)).toBe(65_000);
	},
);

test('a run of three days is polled some 350 times', () => {
	clock.random = () => 0.5;
	let polls = 0;
	for (let elapsed = 0; elapsed < 3 * DAY; polls++) elapsed += sleepBeforePoll(elapsed, Infinity);
	expect(polls).toBeGreaterThan(320);
	expect(polls).toBeLessThan(400);
});

test('the state says when all runs are over or their time is up', () => {
	clock.date = () => 1_000_000;
	expect(nextState([sleeping(true), sleeping(true)], 0, 0).isOver).toBe(true);
	expect(nextState([sleeping(true), sleeping(false)], 0, 0).isOver).toBe(false);
	expect(nextState([sleeping(false, 999_999)], 0, 0).isOver).toBe(true);
	expect(nextState([sleeping(false, 1_070_000), sleeping(false)], 0, 0).sleepSeconds).toBe(70);
});

test('n8n gives up the inner workflow some time after the last time limit', () => {
	const runs = [sleeping(false, DAY), sleeping(false, 3 * DAY)];
	const last = lastWaking({ runs, began: 0, polls: 0, sleepSeconds: 0, isOver: false }).getTime();
	expect(last).toBeGreaterThan(3 * DAY);
	expect(last).toBeLessThan(3 * DAY + 2 * 60 * MINUTE);
});

test('the inner workflow is named after what it does, and asks with the credential of the node', () => {
	const node = {
		id: '1',
		name: 'Dibby',
		type: 'n8n-nodes-dibby.dibby',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: {},
		credentials: { dibbyApi: { id: '7', name: 'Dibby account' } },
	};
	const { name, nodes, settings } = innerWorkflow(
		node,
		{ timeout: 5 },
		{ binaryMode: 'combined' },
		[sleeping(false)],
		true,
	);
	expect(name).toBe('Dibby: waiting for 1 run');
	const places = nodes.map(({ position }) => position.join());
	expect(new Set(places).size).toBe(nodes.length);
	expect(innerWorkflow(node, {}, {}, Array<SleepingRun>(3).fill(sleeping(true)), false).name).toBe(
		'Dibby: waiting for 3 runs',
	);
	expect(settings).toMatchObject({ binaryMode: 'combined' });
	const asking = nodes.filter(({ type }) => type === node.type);
	expect(asking).toHaveLength(2);
	for (const one of asking) {
		expect(one).toMatchObject({
			credentials: node.credentials,
			parameters: { requestOptions: { timeout: 5 } },
		});
	}
	expect(asking.map(({ parameters }) => parameters.sleepStep)).toEqual(['poll', 'finishAll']);
	// Handed on by n8n as it was, a state would be taken for a result.
	expect(asking.map(({ onError }) => onError)).toEqual(['continueRegularOutput', undefined]);
});
