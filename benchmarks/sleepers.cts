import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox } from '../sandbox/dibby.cts';
import type { Sandbox } from '../sandbox/dibby.cts';
import { N8nClient } from '../sandbox/editor/client.cts';
import { packProject } from '../sandbox/editor/pack.cts';
import { startN8n } from '../sandbox/editor/server.cts';
import type { RunningN8n } from '../sandbox/editor/server.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { straightWorkflow } from '../test/e2e/realN8n.cts';
import { dibby, run, webhook } from '../test/e2e/sketches.cts';
import { fields } from '../test/support/jobs.cts';
import { residentMiB } from '../test/support/processFigures.cts';
import { inTemporaryFolder } from './temporary.cts';

const TOKEN = 'tok-bench-sleeping';

/** Calls under way at once: n8n can take them at that rate. */
const CALLS_AT_ONCE = 10;

/** The last ones fall asleep a minute after their start. */
const FALLING_ASLEEP_MS = 90_000;

/** A real n8n with executions whose runs wait for a person. */
export interface Sleepers {
	n8n: RunningN8n;
	sandbox: Sandbox;
	/** What n8n's process held before, after a first execution. */
	residentMiBBefore: number;
}

/**
 * Starts executions of a webhook's workflow with one item each, and calls `look` when they sleep, or would. Their next
 * node, which gets the result, starts another run with the ID of the first one as its input `ended`.
 */
export async function withSleepers<Found>(
	count: number,
	whileWaiting: 'active' | 'sleep',
	look: (sleepers: Sleepers) => Promise<Found>,
): Promise<Found> {
	const { tarball } = await packProject();
	return await inTemporaryFolder(async (folder) => {
		const sandbox = await startSandbox({ token: TOKEN, stepMs: 100 });
		const n8n = await startN8n({ userFolder: join(folder, 'user'), packageTarball: tarball });
		try {
			const residentMiBBefore = await startAll(n8n, sandbox, count, whileWaiting);
			await sleep(FALLING_ASLEEP_MS);
			return await look({ n8n, sandbox, residentMiBBefore });
		} finally {
			await n8n.stop();
			await sandbox.close();
		}
	});
}

async function startAll(
	n8n: RunningN8n,
	sandbox: Sandbox,
	count: number,
	whileWaiting: string,
): Promise<number> {
	const client = new N8nClient(n8n.url);
	await client.logIn();
	const data = { token: TOKEN, baseUrl: sandbox.url };
	const credential = await client.createCredential('Dibby account', 'dibbyApi', data);
	const content = 'data:application/pdf;base64,eA==';
	const parameters = run(WORKFLOWS.approval.id, {
		...fields({ name: 'document', type: 'string', value: content }),
		whileWaiting,
		timeLimit: 600,
	});
	const next = run(WORKFLOWS.echo.id, {
		...fields({ name: 'ended', type: 'string', value: '={{ $json.dibbyRunId }}' }),
		waitForCompletion: false,
	});
	const sketches = [
		webhook('sleeping', 'onReceived'),
		dibby(parameters),
		dibby(next, { name: 'Next' }),
	];
	await client.activate(await straightWorkflow({ client, credential }, 'Sleeping', sketches));
	await client.call('sleeping', { method: 'POST' });
	await sleep(5_000);
	const residentMiBBefore = residentMiB(n8n.pid);
	for (let started = 1; started < count; started += CALLS_AT_ONCE) {
		const calls = Array.from({ length: Math.min(CALLS_AT_ONCE, count - started) }, async () => {
			const response = await client.call('sleeping', { method: 'POST' });
			await response.arrayBuffer();
		});
		await Promise.all(calls);
	}
	const deadline = Date.now() + 300_000;
	while (sandbox.runs.size < count) {
		if (Date.now() > deadline) throw new Error(`Only ${sandbox.runs.size} runs were started`);
		await sleep(100);
	}
	return residentMiBBefore;
}
