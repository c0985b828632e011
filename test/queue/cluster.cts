import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startSandbox } from '../../sandbox/dibby.cts';
import { N8nClient } from '../../sandbox/editor/client.cts';
import { installN8n } from '../../sandbox/editor/install.cts';
import { packProject } from '../../sandbox/editor/pack.cts';
import { startN8n } from '../../sandbox/editor/server.cts';
import type { N8nOptions, RunningN8n } from '../../sandbox/editor/server.cts';
import { TOKEN } from '../e2e/realN8n.cts';
import type { RealN8n } from '../e2e/realN8n.cts';
import { startServices } from './services.cts';
import type { Services } from './services.cts';

/** An n8n in queue mode: `n8n` is the main process, which takes webhooks; the workers run workflows. */
export interface Cluster extends RealN8n {
	services: Services;
	workers: RunningN8n[];
	/** Adds a worker. */
	addWorker: () => Promise<RunningN8n>;
	/** Kills the main process outright, and starts it again where it was. */
	restartMain: () => Promise<void>;
}

/** A worker that dies is noticed within seconds; n8n's own time is a minute. */
const QUICK_LOCKS = {
	QUEUE_WORKER_LOCK_DURATION: '8000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
};

/**
 * Starts Redis, PostgreSQL, the local Dibby, one main process and workers, each with the packed package, before the
 * first test of a suite, and ends them after the last one.
 *
 * @param storage how n8n keeps files: more environment for all its processes
 */
export function useCluster(
	workers: number,
	storage: (folder: string) => Record<string, string> = () => ({}),
): Cluster {
	const cluster = { workers: [] as RunningN8n[] } as unknown as Cluster;
	beforeAll(async () => {
		cluster.folder = mkdtempSync(join(tmpdir(), 'dibby-queue-'));
		// PostgreSQL runs as another user.
		chmodSync(cluster.folder, 0o755);
		const install = await installN8n();
		const { tarball } = await packProject();
		cluster.services = await startServices(cluster.folder);
		cluster.sandbox = await startSandbox({ token: TOKEN, stepMs: 100 });
		const start = async (name: string, options: Partial<N8nOptions> = {}) =>
			await startN8n({
				install,
				userFolder: join(cluster.folder, name),
				packageTarball: tarball,
				...options,
				env: {
					...cluster.services.env,
					...QUICK_LOCKS,
					...storage(cluster.folder),
					EXECUTIONS_MODE: 'queue',
					N8N_ENCRYPTION_KEY: 'the same for all of them',
				},
			});
		cluster.n8n = await start('main');
		cluster.client = new N8nClient(cluster.n8n.url);
		await cluster.client.logIn();
		cluster.restartMain = async () => {
			const { pid, port, ended } = cluster.n8n;
			process.kill(-pid, 'SIGKILL');
			await ended;
			cluster.n8n = await start('main', { port, packageTarball: undefined });
		};
		cluster.addWorker = async () => {
			const worker = await start(`worker-${cluster.workers.length}`, {
				command: 'worker',
				args: ['--concurrency=10'],
			});
			cluster.workers.push(worker);
			return worker;
		};
		for (let worker = 0; worker < workers; worker++) await cluster.addWorker();
		const data = { token: TOKEN, baseUrl: cluster.sandbox.url };
		cluster.credential = await cluster.client.createCredential('Dibby account', 'dibbyApi', data);
	}, 900_000);
	afterAll(async () => {
		await Promise.all(cluster.workers.map(async (worker) => await worker.stop()));
		await cluster.n8n?.stop();
		await cluster.sandbox?.close();
		await cluster.services?.stop();
		rmSync(cluster.folder, { recursive: true, force: true });
	}, 120_000);
	return cluster;
}
