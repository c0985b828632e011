import { setTimeout as sleep } from 'node:timers/promises';

import { nodeItems } from '../../sandbox/editor/executionData.cts';
import type { RunningN8n } from '../../sandbox/editor/server.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { straightWorkflow } from '../e2e/realN8n.cts';
import type { NodeSketch } from '../e2e/realN8n.cts';
import { dibby, document, pdf, run, webhook } from '../e2e/sketches.cts';
import { useCluster } from './cluster.cts';
import { note } from './figures.cts';
import { until } from '../support/patience.cts';

const cluster = useCluster(2);

/** A run that waits for a person, so that it lasts as long as the test wants. */
const waiting = (more: object = {}) =>
	run(WORKFLOWS.approval.id, {
		...document('document', 'scan'),
		options: { pollInterval: 0.2 },
		...more,
	});

const requests = (method: string) =>
	cluster.sandbox.requests.filter((request) => request.method === method);

/** Publishes a workflow, calls it, and gives the execution once the node polls, with the worker that has it. */
async function startWaiting(path: string, nodes: NodeSketch[], settings: object = {}) {
	const sketches = [webhook(path, 'onReceived'), ...nodes];
	const workflow = await straightWorkflow(cluster, path, sketches, settings);
	await cluster.client.activate(workflow);
	const posts = requests('POST').length;
	const polls = requests('GET').length;
	await cluster.client.upload(path, [pdf('scan', Buffer.from('a scan'))]);
	await until(() => requests('POST').length > posts && requests('GET').length > polls + 2);
	const [execution] = await cluster.client.executions(workflow.id);
	const id = execution?.id ?? '';
	const has = (one: RunningN8n) => new RegExp(`started execution ${id}\\b`).test(one.logs());
	const worker = await until(() => cluster.workers.find(has));
	const runId = cluster.sandbox.runIds.at(-1) ?? '';
	return { id, worker, runId, posts };
}

test('a stop reaches the worker: no further poll, and the stopped execution names the run', async () => {
	const { id, runId } = await startWaiting('stop', [dibby(waiting())]);
	const began = performance.now();
	await cluster.client.stopExecution(id);
	await sleep(1500);
	const last = requests('GET').at(-1)?.startedAt ?? 0;
	const late = Math.max(0, last - began);
	expect(late).toBeLessThan(500);
	expect(cluster.sandbox.inFlight).toBe(0);
	const { status, data } = await cluster.client.execution(id);
	expect(status).toBe('canceled');
	expect(JSON.stringify(data?.resultData)).toContain(runId);
	note('stop', { lastPollAfterMs: late });
});

test('a worker that is told to end finishes what it waits for', async () => {
	const worker = await cluster.addWorker();
	const others = cluster.workers.filter((one) => one !== worker);
	await Promise.all(others.map(async (one) => await one.stop()));
	cluster.workers.splice(0, Infinity, worker);

	const { id, runId, posts } = await startWaiting('shutdown', [dibby(waiting())]);
	process.kill(worker.pid, 'SIGTERM');
	await sleep(1000);
	cluster.sandbox.finish(runId);
	const { status, data } = await cluster.client.waitForExecution(id);
	expect(status).toBe('success');
	expect(nodeItems({ data }, 'Dibby')[0]?.json).toMatchObject({ approved: true });
	expect(requests('POST')).toHaveLength(posts + 1);
	await worker.ended;
});

describe('a worker that is killed while it waits', () => {
	beforeAll(async () => {
		cluster.workers.splice(0, Infinity);
		await cluster.addWorker();
		await cluster.addWorker();
	}, 120_000);

	test('nothing is started a second time, and the execution ends as failed', async () => {
		const { id, worker, posts } = await startWaiting('killed', [dibby(waiting())]);
		const began = performance.now();
		process.kill(-worker.pid, 'SIGKILL');
		const { status } = await cluster.client.waitForExecution(id, 60_000);
		note('killed', { noticedAfterMs: performance.now() - began });
		expect(['error', 'crashed']).toContain(status);
		// The other worker has had time to take it over.
		await sleep(5000);
		expect(requests('POST')).toHaveLength(posts + 1);
		cluster.workers.splice(cluster.workers.indexOf(worker), 1);
	});

	test('with progress saved, the execution has the ID while it runs, and loses it with the worker', async () => {
		const start = dibby({ ...waiting(), waitForCompletion: false, output: 'run' });
		const get = {
			...dibby({
				operation: 'getRun',
				runId: '={{ $json.id }}',
				waitForCompletion: true,
				options: { pollInterval: 0.2 },
			}),
			name: 'Get',
		};
		// It is the other workers that notice a dead one.
		await cluster.addWorker();
		const settings = { saveExecutionProgress: true };
		const { id, worker, runId, posts } = await startWaiting('two', [start, get], settings);
		const running = await cluster.client.execution(id);
		expect(nodeItems(running, 'Dibby')[0]?.json).toMatchObject({ id: runId });
		process.kill(-worker.pid, 'SIGKILL');
		const { status, data } = await cluster.client.waitForExecution(id, 60_000);
		expect(status).toBe('error');
		// n8n puts its own error in the place of all data. So docs/scaling.md says to keep the ID elsewhere.
		expect(JSON.stringify(data)).not.toContain(runId);
		expect(data?.resultData.error?.message).toMatch(/failed to be processed too many times/);
		expect(requests('POST')).toHaveLength(posts + 1);
		cluster.workers.splice(cluster.workers.indexOf(worker), 1);
	});
});
