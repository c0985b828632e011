import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IExecuteFunctions, INodeType } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { startEngine } from '../test/support/engine.cts';
import type { Step } from '../test/support/engine.cts';
import { document, fields, triggerRun } from '../test/support/jobs.cts';
import { measure } from './measure.cts';

const [way = '', count = '', url = '', token = ''] = process.argv.slice(2);

/**
 * What n8n's HTTP Request node does for each item, and no more: all requests at once in batches of 50,
 * which is its default, each by n8n's own helper with the credential.
 */
export const httpRequestPeer: INodeType = {
	description: {
		displayName: 'Peer',
		name: 'peer',
		group: [],
		version: 1,
		description: '',
		defaults: { name: 'Peer' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'dibbyApi', required: true }],
		properties: [{ displayName: 'Body', name: 'body', type: 'json', default: '' }],
	},
	async execute(this: IExecuteFunctions) {
		const requests: Array<Promise<object>> = [];
		for (const [index] of this.getInputData().entries()) {
			if (index > 0 && index % 50 === 0) await Promise.allSettled(requests);
			const body = JSON.parse(this.getNodeParameter('body', index) as string) as object;
			requests.push(
				this.helpers.httpRequestWithAuthentication.call(this, 'dibbyApi', {
					method: 'POST',
					url: `${url}/runs`,
					body,
					json: true,
				}) as Promise<object>,
			);
		}
		const answers = await Promise.all(requests);
		return [answers.map((json, item) => ({ json: json as never, pairedItem: { item } }))];
	},
};

async function main(): Promise<void> {
	const engine = await startEngine({ token, baseUrl: url, more: { peer: httpRequestPeer } });
	const run = async (step: Step, items: object[], before: Step[] = []) => {
		let start = 0;
		let seconds = 0;
		const { error } = await engine.run({
			steps: [...before, step],
			items: items as never,
			onNode: (event, name) => {
				if (name !== 'Dibby') return;
				if (event === 'start') start = performance.now();
				else seconds = (performance.now() - start) / 1000;
			},
		});
		if (error !== undefined) throw new Error(error.message);
		return seconds;
	};
	const items = Array.from({ length: Number(count) }, (_value, n) => ({ json: { n } }));
	let seconds = 0;
	if (way === 'files') {
		const folder = mkdtempSync(join(tmpdir(), 'dibby-bench-'));
		const file = join(folder, 'document.pdf');
		writeFileSync(file, randomBytes(5 * 1024 * 1024));
		const read = { type: 'readFile', parameters: { fileSelector: file } };
		const step = triggerRun(WORKFLOWS.digest.id, document('document'));
		await run(step, items.slice(0, 2), [read]);
		const { extraMiB } = await measure(async () => {
			seconds = await run(step, items, [read]);
		});
		rmSync(folder, { recursive: true });
		return void console.log(JSON.stringify({ seconds, extraMiB }));
	}
	const dibby = triggerRun(WORKFLOWS.echo.id, {
		...fields({ name: 'n', type: 'number', value: '={{ $json.n }}' }),
		...(way === 'node50' ? { options: { requestsAtOnce: 50 } } : {}),
	});
	const peer = {
		type: 'peer',
		name: 'Dibby',
		credentials: { dibbyApi: { id: '1', name: 'Dibby account' } },
		parameters: { body: `={"workflowId":"${WORKFLOWS.echo.id}","inputs":{"n":{{ $json.n }}}}` },
	};
	const step = way === 'peer' ? peer : dibby;
	await run(step, items.slice(0, 50));
	const { extraMiB } = await measure(async () => {
		seconds = await run(step, items);
	});
	console.log(JSON.stringify({ seconds, extraMiB }));
}

main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
