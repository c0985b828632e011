import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { getRun } from '../test/support/jobs.cts';
import { storage } from '../test/support/n8n.cts';
import { startMeasuredEngine } from './engine.cts';
import { measure, report } from './measure.cts';

const [way = '', url = '', token = '', count = '', bytes = ''] = process.argv.slice(2);

/** Starts a run and lets it finish, so that only retrieving the result is measured. */
async function finishedRun(documents: number, size: number) {
	const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
	const inputs = { count: documents, bytes: size };
	const body = JSON.stringify({ workflowId: WORKFLOWS.manyDocuments.id, inputs });
	const response = await fetch(`${url}/runs`, { method: 'POST', headers, body });
	const { id } = (await response.json()) as { id: string };
	await sleep(50);
	const options = { documentsAsFiles: way === 'files' };
	return getRun(id, { waitForCompletion: true, output: 'output', options });
}

/** Compares every document with the hash next to it. */
async function check({ json, binary = {} }: INodeExecutionData): Promise<void> {
	const { documents = [] } = json as { documents?: IDataObject[] };
	if (documents.length !== Number(count)) throw new Error(`${documents.length} documents arrived`);
	for (const [index, { file, sha256 }] of documents.entries()) {
		const hash = createHash('sha256');
		if (typeof file === 'string') {
			hash.update(Buffer.from(file.slice(file.indexOf(',') + 1), 'base64'));
		} else {
			const { id = '' } = binary[`documents_${index}_file`] ?? {};
			const content = await storage.getAsStream(id, 1024 * 1024);
			for await (const chunk of content) hash.update(chunk as Buffer);
		}
		if (hash.digest('hex') !== sha256) throw new Error('A document arrived changed');
	}
}

report(async () => {
	const engine = await startMeasuredEngine(url, token);
	await engine.execute(await finishedRun(2, 64 * 1024), [{ json: {} }]);
	const step = await finishedRun(Number(count), Number(bytes));
	let item: INodeExecutionData = { json: {} };
	const measured = await measure(async () => {
		const { seconds, items } = await engine.execute(step, [{ json: {} }]);
		item = items[0] ?? item;
		return seconds;
	});
	await check(item);
	return measured;
});
