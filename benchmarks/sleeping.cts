import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox } from '../sandbox/dibby.cts';
import type { Sandbox } from '../sandbox/dibby.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { straightWorkflow } from '../test/e2e/realN8n.cts';
import { dibby, run, webhook } from '../test/e2e/sketches.cts';
import { fields } from '../test/support/jobs.cts';
import { until } from '../test/support/patience.cts';
import { processorSeconds, residentMiB } from '../test/support/processFigures.cts';
import { withRealN8n } from './realN8n.cts';
import type { MeasuredN8n } from './realN8n.cts';
import { isQuick, publish } from './table.cts';

/** Long enough for two rounds of n8n's wait tracker. */
const WATCH_MS = 120_000;

/** An execution falls asleep a minute after its start. */
const FALL_ASLEEP_MS = 90_000;

const CALLS_AT_ONCE = 10;

interface Waiting {
	pid: number;
	sandbox: Sandbox;
	/** n8n's memory after the first execution. */
	before: number;
}

/** What executions cost n8n while their runs wait for a person. */
export async function sleeping(): Promise<void> {
	const count = isQuick ? 20 : 1_000;
	const rows: string[][] = [];
	for (const [label, whileWaiting, executions] of [
		// n8n runs out of memory with many more of these.
		['Stay Active', 'active', Math.min(count, 300)],
		['Sleep', 'sleep', count],
	] as const) {
		await withWaiting(executions, whileWaiting, async ({ pid, sandbox, before }) => {
			const polls = sandbox.requests.length;
			const seconds = processorSeconds(pid);
			await sleep(WATCH_MS);
			const extra = residentMiB(pid) - before;
			const memory = [extra.toFixed(0), ((extra * 1024) / executions).toFixed(0)];
			const time = `${(processorSeconds(pid) - seconds).toFixed(1)} s`;
			const costs = [`${memory[0]} MiB`, `${memory[1]} KiB`, time];
			rows.push([label, String(executions), ...costs, String(sandbox.requests.length - polls)]);
		});
	}
	publish(
		'sleeping',
		`Executions of one workflow with one item each, whose runs wait for a person, in one n8n with SQLite, watched for ${WATCH_MS / 1000} s.`,
		['While Waiting', 'executions', 'memory', 'per execution', 'processor time', 'polls'],
		rows,
	);
}

/** How long after the end of its run a sleeping execution continues. */
export async function sleepDelay(): Promise<void> {
	const count = isQuick ? 10 : 100;
	const decideOverMs = 120_000;
	await withWaiting(count, 'sleep', async ({ sandbox }) => {
		const endedAt = new Map<string, number>();
		for (const id of sandbox.waiting()) {
			await sleep(decideOverMs / count);
			sandbox.finish(id);
			endedAt.set(id, Date.now());
		}
		const arrivals = () =>
			[...sandbox.runs.values()].filter(({ workflowId }) => workflowId === WORKFLOWS.echo.id);
		await until(() => arrivals().length >= count, 600_000);
		const delays = arrivals().map(({ inputs, createdAt }) => {
			return (createdAt.getTime() - (endedAt.get(String(inputs.ended)) ?? NaN)) / 1000;
		});
		const mean = delays.reduce((sum, delay) => sum + delay, 0) / count;
		publish(
			'sleepDelay',
			`Executions that have slept for some minutes, and whose runs end one after the other within ${decideOverMs / 1000} s: the time until the next node receives the result.`,
			['executions', 'mean, s', 'longest, s'],
			[[String(count), mean.toFixed(0), Math.max(...delays).toFixed(0)]],
		);
	});
}

/**
 * Starts executions whose runs wait for a person, and calls `work` when they sleep, or would. The next node then starts
 * another run, with the ID of the first one as its input `ended`.
 */
async function withWaiting(
	count: number,
	whileWaiting: 'active' | 'sleep',
	work: (waiting: Waiting) => Promise<void>,
): Promise<void> {
	const sandbox = await startSandbox({ stepMs: 100 });
	const measured = withRealN8n(sandbox, async (n8n) => {
		await publishWorkflow(n8n, whileWaiting);
		const call = async () => {
			await (await n8n.client.call('waiting', { method: 'POST' })).arrayBuffer();
		};
		await call();
		await sleep(5_000);
		const before = residentMiB(n8n.pid);
		for (let started = 1; started < count; started += CALLS_AT_ONCE) {
			const calls = Math.min(CALLS_AT_ONCE, count - started);
			await Promise.all(Array.from({ length: calls }, call));
		}
		await until(() => sandbox.runs.size >= count, 300_000);
		await sleep(FALL_ASLEEP_MS);
		await work({ pid: n8n.pid, sandbox, before });
	});
	await measured.finally(sandbox.close);
}

async function publishWorkflow(n8n: MeasuredN8n, whileWaiting: string) {
	const uri = 'data:application/pdf;base64,eA==';
	const document = fields({ name: 'document', type: 'string', value: uri });
	const ended = fields({ name: 'ended', type: 'string', value: '={{ $json.dibbyRunId }}' });
	const waiting = run(WORKFLOWS.approval.id, { ...document, whileWaiting, timeLimit: 600 });
	const next = run(WORKFLOWS.echo.id, { ...ended, waitForCompletion: false });
	const nodes = [webhook('waiting', 'onReceived'), dibby(waiting), dibby(next, { name: 'Next' })];
	await n8n.client.activate(await straightWorkflow(n8n, 'Waiting', nodes));
}
