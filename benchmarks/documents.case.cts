import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

import type { IExecuteFunctions } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { document, triggerRun } from '../test/support/jobs.cts';
import { nodeType } from '../test/support/nodeTypes.cts';
import { startMeasuredEngine } from './engine.cts';
import { measure, report } from './measure.cts';

const [way = '', url = '', token = '', folder = ''] = process.argv.slice(2);
const WORKFLOW_ID = WORKFLOWS.digest.id;

/** The lower bound: sends a document that is already encoded from a file, with Node.js alone. */
async function sendEncoded(path: string): Promise<void> {
	const head = `{"workflowId":"${WORKFLOW_ID}","inputs":{"document":"data:application/pdf;base64,`;
	const tail = '"}}';
	const post = request(`${url}/runs`, {
		method: 'POST',
		headers: {
			authorization: `Bearer ${token}`,
			'content-type': 'application/json',
			'content-length': head.length + statSync(path).size + tail.length,
		},
	});
	const responded = new Promise<void>((resolve, reject) => {
		post.once('error', reject);
		post.once('response', (response) => {
			if (response.statusCode !== 201) reject(new Error(`HTTP ${response.statusCode}`));
			response.resume().once('end', resolve);
		});
	});
	post.write(head);
	await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), post, { end: false });
	post.end(tail);
	await responded;
}

/** Sends a file as most nodes do: one Buffer, one base64 string, one JSON object, n8n's own helper. */
const buffered = nodeType(
	'buffered',
	async function (this: IExecuteFunctions) {
		const content = await this.helpers.getBinaryDataBuffer(0, 'data');
		const uri = `data:application/pdf;base64,${content.toString('base64')}`;
		const body = { workflowId: WORKFLOW_ID, inputs: { document: uri } };
		const options = { method: 'POST' as const, url: `${url}/runs`, body, json: true };
		await this.helpers.httpRequestWithAuthentication.call(this, 'dibbyApi', options);
		return [[]];
	},
	{ credentials: [{ name: 'dibbyApi', required: true }] },
);

report(async () => {
	if (way === 'floor') {
		await sendEncoded(`${folder}/small.b64`);
		return await measure(async () => await sendEncoded(`${folder}/document.b64`));
	}
	const engine = await startMeasuredEngine(url, token, { buffered });
	const credentials = { dibbyApi: { id: '1', name: 'Dibby account' } };
	const step =
		way === 'node'
			? triggerRun(WORKFLOW_ID, document('document'))
			: { type: 'buffered', credentials };
	const send = async (name: string) => {
		const data = await engine.store(`${folder}/${name}.pdf`);
		return async () => (await engine.execute(step, [{ json: {}, binary: { data } }])).seconds;
	};
	const warmUp = await send('small');
	await warmUp();
	return await measure(await send('document'));
});
