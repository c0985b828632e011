import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox } from '../sandbox/dibby.cts';
import { N8nClient } from '../sandbox/editor/client.cts';
import { packProject } from '../sandbox/editor/pack.cts';
import { startN8n } from '../sandbox/editor/server.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { straightWorkflow } from '../test/e2e/realN8n.cts';
import { dibby, run, webhook } from '../test/e2e/sketches.cts';
import { fields } from '../test/support/jobs.cts';
import { processorSeconds, residentMiB } from '../test/support/processFigures.cts';
import { isQuick, publish } from './report.cts';
import { inTemporaryFolder } from './temporary.cts';

const TOKEN = 'tok-bench-sleeping';

/** Two looks of n8n's wait tracker. */
const WATCHED_S = 120;

interface Held {
	extraMiB: number;
	processorSeconds: number;
	polls: number;
}

/** What executions cost a real n8n while their runs wait for a person: active ones, and sleeping ones. */
export async function sleeping(): Promise<void> {
	const count = isQuick() ? 20 : 300;
	const { tarball } = await packProject();
	const held = async (whileWaiting: string) =>
		await inTemporaryFolder(async (folder) => await hold(folder, tarball, count, whileWaiting));
	const active = await held('active');
	const asleep = await held('sleep');
	const row = (name: string, { extraMiB, processorSeconds: seconds, polls }: Held) => [
		name,
		`${extraMiB.toFixed(0)} MiB`,
		`${((extraMiB * 1024) / count).toFixed(0)} KiB`,
		`${seconds.toFixed(1)} s`,
		String(polls),
	];
	publish({
		name: 'sleeping',
		text: `${count} executions of a webhook's workflow with one item each, whose runs wait for a person, in one n8n with SQLite; then watched for ${WATCHED_S} s.`,
		head: ['While Waiting', 'memory held', 'for each', 'processor time', 'polls'],
		rows: [row('Stay Active', active), row('Sleep', asleep)],
		samples: { count, active, asleep },
	});
}

async function hold(
	folder: string,
	tarball: string,
	count: number,
	whileWaiting: string,
): Promise<Held> {
	const sandbox = await startSandbox({ token: TOKEN, stepMs: 100 });
	const n8n = await startN8n({ userFolder: join(folder, 'user'), packageTarball: tarball });
	try {
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
		const sketches = [webhook('sleeping', 'onReceived'), dibby(parameters)];
		await client.activate(await straightWorkflow({ client, credential }, 'Sleeping', sketches));
		await client.call('sleeping', { method: 'POST' });
		await sleep(5_000);
		const before = residentMiB(n8n.pid);
		for (let started = 1; started < count; started += 10) {
			const calls = Array.from({ length: Math.min(10, count - started) }, async () => {
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
		// The last ones fall asleep a minute after their start.
		await sleep(90_000);
		const polls = sandbox.requests.length;
		const seconds = processorSeconds(n8n.pid);
		await sleep(WATCHED_S * 1_000);
		return {
			extraMiB: residentMiB(n8n.pid) - before,
			processorSeconds: processorSeconds(n8n.pid) - seconds,
			polls: sandbox.requests.length - polls,
		};
	} finally {
		await n8n.stop();
		await sandbox.close();
	}
}
