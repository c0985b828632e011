import { createHash } from 'node:crypto';

import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { getRun } from '../test/support/jobs.cts';
import { Container } from '../test/support/n8n.cts';
import { bufferedOutputNode } from './bufferedOutputNode.cts';
import { startEngineCase } from './engineCase.cts';
import { measure, report } from './measure.cts';

const [way = '', count = '', bytes = '', url = '', token = ''] = process.argv.slice(2);

/** Starts a run and lets it finish, so that only fetching the result is measured. */
async function finishedRun(documents: number, size: number): Promise<string> {
	const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
	const inputs = { count: documents, bytes: size };
	const body = JSON.stringify({ workflowId: WORKFLOWS.manyDocuments.id, inputs });
	const response = await fetch(`${url}/runs`, { method: 'POST', headers, body });
	const { id } = (await response.json()) as { id: string };
	await new Promise((resolve) => setTimeout(resolve, 50));
	return id;
}

function stepFor(runId: string) {
	if (way === 'buffered') {
		const credentials = { dibbyApi: { id: '1', name: 'Dibby account' } };
		return { type: 'buffered', parameters: { url: `${url}/runs/${runId}` }, credentials };
	}
	const options = { documentsAsFiles: way === 'files' };
	return getRun(runId, { waitForCompletion: true, output: 'output', options });
}

/** Compares every document with the hash that came with it. */
async function check({ json, binary = {} }: INodeExecutionData): Promise<void> {
	const { documents = [] } = json as { documents?: IDataObject[] };
	if (documents.length !== Number(count)) throw new Error(`${documents.length} documents came`);
	for (const [index, { file, sha256 }] of documents.entries()) {
		const hash = createHash('sha256');
		if (typeof file === 'string')
			hash.update(Buffer.from(file.slice(file.indexOf(',') + 1), 'base64'));
		else {
			const { id = '' } = binary[`documents_${index}_file`] ?? {};
			const content = await Container.get(BinaryDataService).getAsStream(id, 1024 * 1024);
			for await (const chunk of content) hash.update(chunk as Buffer);
		}
		if (hash.digest('hex') !== sha256) throw new Error('A document changed on its way');
	}
}

/** A result with documents becomes an item: as binary files, or left in the JSON. */
report(async () => {
	const engine = await startEngineCase(url, token, { buffered: bufferedOutputNode });
	await engine.run(stepFor(await finishedRun(2, 64 * 1024)), [{ json: {} }]);
	const step = stepFor(await finishedRun(Number(count), Number(bytes)));
	let items: INodeExecutionData[] = [];
	const measured = await measure(
		async () => await engine.run(step, [{ json: {} }], (result) => (items = result)),
	);
	await check(items[0] ?? { json: {} });
	return measured;
});
