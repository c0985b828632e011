import type { INode } from 'n8n-workflow';

import { clock } from '../../dist/nodes/Dibby/clock.js';
import { helperWorkflow } from '../../dist/nodes/Dibby/sleep/helperWorkflow.js';
import { lastWakeUp, nextState, sleepBeforePoll } from '../../dist/nodes/Dibby/sleep/sleepState.js';
import type { SleepingRun } from '../../dist/nodes/Dibby/sleep/sleepState.js';

const { date, random } = clock;
afterEach(() => Object.assign(clock, { date, random }));

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const sleeping = (hasEnded: boolean, timeLimitMs = DAY) =>
	({ item: 0, runId: 'run_1', hasEnded, completion: { waits: true, timeLimitMs } }) as SleepingRun;

// By chance, it is up to a fifth less.
test.each([
	[0, 80_000],
	[10 * MINUTE, 80_000],
	[100 * MINUTE, 10 * MINUTE],
	[DAY, 15 * MINUTE],
])('after %d ms n8n sleeps at most %d ms, and never below 66 s', (elapsed, longest) => {
	clock.random = () => 0;
	expect(sleepBeforePoll(elapsed, Infinity)).toBe(longest);
	clock.random = () => 1;
	expect(sleepBeforePoll(elapsed, Infinity)).toBe(Math.max(66_000, longest * 0.8));
	expect(sleepBeforePoll(elapsed, 66_000)).toBeLessThanOrEqual(66_000);
	expect(sleepBeforePoll(elapsed, 10)).toBe(66_000);
});

test('a run of three days is polled some 350 times', () => {
	clock.random = () => 0.5;
	let polls = 0;
	for (let elapsed = 0; elapsed < 3 * DAY; polls++) elapsed += sleepBeforePoll(elapsed, Infinity);
	expect(polls).toBeGreaterThan(320);
	expect(polls).toBeLessThan(400);
});

test('the state says when all runs have ended or reached their time limits', () => {
	clock.date = () => 1_000_000;
	expect(nextState([sleeping(true), sleeping(true)], 0, 0).hasEnded).toBe(true);
	expect(nextState([sleeping(true), sleeping(false)], 0, 0).hasEnded).toBe(false);
	expect(nextState([sleeping(false, 999_999)], 0, 0).hasEnded).toBe(true);
	expect(nextState([sleeping(false, 1_070_000), sleeping(false)], 0, 0).sleepSeconds).toBe(70);
});

test('n8n gives up on the helper workflow some time after the last time limit', () => {
	const notWaiting = { completion: { waits: false, timeLimitMs: Infinity } } as SleepingRun;
	const runs = [sleeping(false, DAY), sleeping(false, 3 * DAY), notWaiting];
	const last = lastWakeUp({ runs, began: 0 }).getTime();
	expect(last).toBeGreaterThan(3 * DAY);
	expect(last).toBeLessThan(3 * DAY + 2 * 60 * MINUTE);
});

/** n8n's context of a sleeping node. */
const engine = (continuesOnError: boolean) => ({
	getNode: () => ({
		id: '1',
		name: 'Dibby',
		type: 'n8n-nodes-dibby.dibby',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: { requestOptions: { timeout: 5, proxy: '={{ $vars.proxy }}' } },
		credentials: { dibbyApi: { id: '7', name: 'Dibby account' } },
	}),
	getWorkflowSettings: () => ({ binaryMode: 'combined' as const, executionTimeout: 60 }),
	continueOnFail: () => continuesOnError,
});

test("the helper workflow checks on the runs with the node's credential and Request Options", () => {
	const { name, nodes, settings } = helperWorkflow(engine(true), [sleeping(false)], '12');
	expect(name).toBe('Dibby: waiting for 1 run');
	const places = nodes.map(({ position }) => position.join());
	expect(new Set(places).size).toBe(nodes.length);
	expect(settings).toMatchObject({ binaryMode: 'combined', executionTimeout: -1 });
	const checking = nodes.filter(({ type }) => type === 'n8n-nodes-dibby.dibby');
	expect(checking).toHaveLength(2);
	for (const node of checking) {
		expect(node.credentials).toEqual({ dibbyApi: { id: '7', name: 'Dibby account' } });
		// With its expression: the value may contain a password.
		expect(node.parameters.requestOptions).toEqual({ timeout: 5, proxy: '={{ $vars.proxy }}' });
	}
	expect(checking.map(({ parameters }) => parameters.sleepStep)).toEqual(['poll', 'finishAll']);
	// If n8n passed the state on unchanged here, it would be taken for a result.
	expect(checking.map(({ onError }) => onError)).toEqual(['continueRegularOutput', undefined]);
});

const noteOf = (nodes: INode[]) =>
	nodes.find(({ type }) => type.endsWith('stickyNote'))?.parameters.content;

test('the helper workflow explains itself to somebody who opens it', () => {
	const runs = [sleeping(false), { ...sleeping(true), item: 1, runId: 'run_2' }];
	const { name, nodes } = helperWorkflow(engine(false), runs, '12');
	expect(name).toBe('Dibby: waiting for 2 runs');
	for (const text of ["Don't stop", 'execution 12', 'item 0: run_1', 'item 1: run_2']) {
		expect(noteOf(nodes)).toContain(text);
	}
});

test('it names 100 runs, and counts only runs that exist', () => {
	const runs = Array.from({ length: 110 }, (_, item) => {
		return { ...sleeping(false), item, runId: item < 5 ? '' : `run_${item}` };
	});
	const { nodes } = helperWorkflow(engine(false), runs, '12');
	expect(noteOf(nodes)).toMatch(/Runs: item 5: run_5, .*item 104: run_104, and 5 more$/);
});
