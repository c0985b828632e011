import { createHash } from 'node:crypto';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { getRun } from '../test/support/jobs.cts';
import { startEngineCase } from './engineCase.cts';
import { measure, report } from './measure.cts';

const [way = '', url = '', token = '', count = '', bytes = ''] = process.argv.slice(2);

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

/** A result with documents becomes an item: as binary files, or left in the JSON. */
report(async () => {
	const engine = await startEngineCase(url, token);
	const step = (runId: string) =>
		getRun(runId, { output: 'output', options: { documentsAsFiles: way === 'files' } });
	const seen = (item: INodeExecutionData | undefined) => {
		const { documents = [] } = (item?.json ?? {}) as { documents?: IDataObject[] };
		const files = Object.values(item?.binary ?? {});
		if (documents.length !== Number(count)) throw new Error(`${documents.length} documents came`);
		if (way === 'files' && files.length !== documents.length)
			throw new Error(`${files.length} files came`);
		const [first] = documents;
		if (way !== 'files' && hashOf(first?.file as string) !== first?.sha256)
			throw new Error('A document changed on its way');
	};
	await engine.run(step(await finishedRun(2, 1024)), [{ json: {} }]);
	const runId = await finishedRun(Number(count), Number(bytes));
	let items: INodeExecutionData[] = [];
	const measured = await measure(async () => {
		const seconds = await engine.run(step(runId), [{ json: {} }], (result) => (items = result));
		return seconds;
	});
	seen(items[0]);
	return measured;
});

function hashOf(dataUri: string): string {
	const content = Buffer.from(dataUri.slice(dataUri.indexOf(',') + 1), 'base64');
	return createHash('sha256').update(content).digest('hex');
}
