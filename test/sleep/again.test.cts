import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch } from '../e2e/realN8n.cts';
import { useRealN8n } from '../e2e/realN8n.cts';
import { dibby } from '../e2e/sketches.cts';
import { Cases, to } from './cases.cts';
import { after, asleep } from './sleepers.cts';

// A sleeping node that is executed again, or might be: in a loop, by Retry On Fail, by Retry of its execution.
const real = useRealN8n();

let cases: Cases;
const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
const workflow = (value: string) => ({ workflow: { __rl: true, mode: 'id', value } });

/** Fails until somebody corrects the workflow. */
const later: NodeSketch = {
	name: 'Later',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: { jsCode: "throw new Error('Not yet');" },
};

/** Retries as it was, and with the saved workflow. */
async function retryBoth(name: string): Promise<void> {
	await cases.retry(name, false, `${name}, retried`);
	await cases.retry(name, true, `${name}, retried with the saved workflow`);
}
const retriedBoth = (name: string) => [
	`${name}, retried`,
	`${name}, retried with the saved workflow`,
];

async function retryFailed(): Promise<void> {
	await cases.end((name) => name === 'fails');
	await retryBoth('fails');
}

async function retryLater(): Promise<void> {
	await cases.end((name) => name === 'a later node fails');
	const { workflow: stored } = cases.get('a later node fails');
	const nodes = stored.nodes.map((node) =>
		node.name === later.name ? { ...node, parameters: { jsCode: 'return $input.all();' } } : node,
	);
	await real.client.updateWorkflow(stored.id, { nodes, connections: stored.connections });
	await cases.retry('a later node fails', true, 'a later node is corrected');
}

async function retryStopped(): Promise<void> {
	await cases.areAsleep((name) => name === 'stopped');
	await real.client.stopExecution(cases.get('stopped').executionId);
	await retryBoth('stopped');
}

beforeAll(async () => {
	cases = new Cases(real);
	const secondFails = (item: number) => (item === 1 ? 'fail' : 'finish');
	const loop: NodeSketch = {
		name: 'Loop',
		type: 'n8n-nodes-base.splitInBatches',
		typeVersion: 3,
		parameters: { options: {} },
	};
	// The run of the second item is over at once.
	const byNumber = `={{ $json.n === 1 ? "${WORKFLOWS.echo.id}" : "${WORKFLOWS.approval.id}" }}`;
	await cases.start('loop', [loop, dibby(asleep(workflow(byNumber))), after], {
		count: 3,
		connections: {
			Start: to('Items'),
			Items: to('Loop'),
			Loop: to('After', 'Dibby'),
			Dibby: to('Loop'),
		},
	});
	await cases.start('Retry On Fail', [dibby(asleep(), RETRY)], { count: 2, decide: secondFails });
	// The first fails before anything is sent, and the second because of its expression.
	const some = `={{ $itemIndex === 0 ? "wrong" : $itemIndex === 1 ? $("Nowhere").item.json.x : "${WORKFLOWS.approval.id}" }}`;
	await cases.start(
		'some fail before',
		[dibby(asleep(workflow(some)), { ...RETRY, onError: 'continueErrorOutput' }), after],
		{ count: 4, decide: (item) => (item === 3 ? 'fail' : 'finish') },
	);
	await cases.start('fails', [dibby(asleep())], { count: 2, decide: secondFails });
	await cases.start('a later node fails', [dibby(asleep()), later, after], { count: 2 });
	await cases.start('stopped', [dibby(asleep()), after]);
	await cases.start('Execute Once', [dibby(asleep(), { executeOnce: true }), after], { count: 3 });
	const batching = { batch: { batchSize: 1, batchInterval: 500 } };
	await cases.start('Batching', [dibby(asleep({ requestOptions: { batching } })), after], {
		count: 3,
	});
	await cases.start('a hundred', [dibby(asleep()), after], { count: 100 });
	await cases.start('not waited for', [dibby(asleep({ waitForCompletion: false }))]);
	await cases.end((name) => name === 'not waited for');
	const [runId] = cases.runIds('not waited for');
	await cases.start('two of one run', [dibby(asleep({ operation: 'getRun', runId })), after], {
		count: 2,
	});
	await Promise.all([retryFailed(), retryLater(), retryStopped()]);
	await cases.end();
}, 2_400_000);
afterAll(() => cases?.stop());

test('in Loop Over Items, each round sleeps or not, and gives its item', () => {
	expect(cases.found('loop').status).toBe('success');
	expect(cases.runIds('loop')).toHaveLength(3);
	expect(cases.json('loop')).toMatchObject(
		cases.runIds('loop').map((id, n) => ({ id, seen: n, status: 'FINISHED' })),
	);
});

test('Retry On Fail does not try again what failed asleep: the error names every run', () => {
	const runIds = cases.runIds('Retry On Fail');
	expect(runIds).toHaveLength(2);
	for (const id of runIds) expect(cases.error('Retry On Fail')?.description).toContain(id);
});

test('items that failed before the others slept come out of the error output, and nothing is started twice', () => {
	const [finished, failed] = cases.runIds('some fail before');
	expect(cases.runIds('some fail before')).toHaveLength(2);
	expect(cases.json('some fail before')).toMatchObject([{ id: finished, seen: 2 }]);
	const errors = cases.json('some fail before', 'Dibby', 1);
	expect(errors.map(({ n }) => n)).toEqual([0, 1, 3]);
	expect(errors[1]?.error).toMatchObject({ message: "Referenced node doesn't exist" });
	expect(errors[2]?.error).toMatchObject({ dibbyRunId: failed });
});

test('Retry of an execution whose run failed asleep gives the same error, and starts nothing', () => {
	const error = cases.error('fails')?.message;
	expect(error).toMatch(/^The Dibby run failed/);
	for (const name of retriedBoth('fails')) expect(cases.error(name)?.message).toBe(error);
	expect(cases.runIds('fails')).toHaveLength(2);
});

test('Retry of an execution that failed later goes on with what the sleeping node gave', () => {
	expect(cases.json('a later node is corrected')).toMatchObject(
		cases.runIds('a later node fails').map((id, n) => ({ id, seen: n, status: 'FINISHED' })),
	);
	expect(cases.runIds('a later node fails')).toHaveLength(2);
});

test("Retry of a stopped one gives its run's ID, and starts nothing", () => {
	const [runId] = cases.runIds('stopped');
	for (const name of retriedBoth('stopped')) {
		expect(cases.json(name)).toMatchObject([{ error: { dibbyRunId: runId } }]);
	}
	expect(cases.runIds('stopped')).toHaveLength(1);
});

test.each([
	['Execute Once', 1],
	['Batching', 3],
	['a hundred', 100],
])('%s: %d runs, each with its item', (name, count) => {
	expect(cases.json(name).map(({ id }) => id)).toEqual(cases.runIds(name));
	expect(cases.json(name).map(({ seen }) => seen)).toEqual(
		Array.from({ length: count }, (_, n) => n),
	);
});

test('two items of one run get its result both', () => {
	const [first, second] = cases.json('two of one run');
	expect([first?.seen, second?.seen]).toEqual([0, 1]);
	expect(first).toMatchObject({ status: 'FINISHED', id: second?.id });
});
