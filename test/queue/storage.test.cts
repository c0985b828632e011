import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { straightWorkflow } from '../e2e/realN8n.cts';
import { dibby, document, pdf, run, sha256, webhook } from '../e2e/sketches.cts';
import { useCluster } from './cluster.cts';
import { figures, note } from './figures.cts';
import { forgetPeak, peakMiB, residentMiB } from '../support/processFigures.cts';

const MIB = 1024 * 1024;

/** Where n8n keeps files in queue mode. A third one, S3, is for n8n's paying customers. */
const STORAGES = {
	database: () => ({ N8N_DEFAULT_BINARY_DATA_MODE: 'database' }),
	'filesystem, shared': (folder: string) => ({
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_BINARY_DATA_STORAGE_PATH: join(folder, 'shared'),
	}),
};

describe.each(Object.entries(STORAGES))('files in %s', (name, storage) => {
	const cluster = useCluster(1, storage);

	test('a document of 100 MiB arrives byte for byte', async () => {
		const workflow = await straightWorkflow(cluster, 'large', [
			webhook('large'),
			dibby(run(WORKFLOWS.digest.id, document('document', 'scan'))),
		]);
		await cluster.client.activate(workflow);
		const send = async (content: Buffer) => {
			const response = await cluster.client.upload('large', [pdf('scan', content)]);
			expect(await response.json()).toMatchObject([
				{ mediaType: 'application/pdf', bytes: content.length, sha256: sha256(content) },
			]);
		};
		// What n8n loads for the first execution is no memory of the document.
		await send(randomBytes(1000));
		const processes = { main: cluster.n8n.pid, worker: cluster.workers[0]?.pid ?? 0 };
		const before = Object.values(processes).map(residentMiB);
		for (const pid of Object.values(processes)) forgetPeak(pid);
		const began = performance.now();
		await send(randomBytes(100 * MIB));
		const seconds = (performance.now() - began) / 1000;
		const [main = 0, worker = 0] = Object.values(processes).map(peakMiB);
		const [mainBefore = 0, workerBefore = 0] = before;
		const figure = { seconds, mainBefore, main, workerBefore, worker };
		note('storages', { ...figures().storages, [name]: figure });
	});
});
