import { createReadStream, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { startEngine } from '../test/support/engine.cts';
import type { Engine } from '../test/support/engine.cts';
import { document, triggerRun } from '../test/support/jobs.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { measure } from './measure.cts';

const [way = '', file = '', base64 = '', small = '', url = '', token = ''] = process.argv.slice(2);
const { id } = WORKFLOWS.digest;

/** The node in n8n's engine, with the file already in n8n's storage: only the Dibby node is timed. */
async function byNode(engine: Engine, path: string): Promise<{ seconds: number }> {
	let start = 0;
	let seconds = 0;
	const { error } = await engine.run({
		steps: [
			{ type: 'readFile', parameters: { fileSelector: path } },
			triggerRun(id, document('document')),
		],
		onNode: (event, name) => {
			if (name === 'Dibby' && event === 'start') start = performance.now();
			if (name === 'Dibby' && event === 'end') seconds = (performance.now() - start) / 1000;
		},
	});
	if (error !== undefined) throw new Error(`${error.message} ${error.description ?? ''}`);
	return { seconds };
}

/** The floor: the same bytes, already encoded, from a file into the socket. */
async function byFloor(path: string): Promise<void> {
	const [head, tail] = [
		`{"workflowId":"${id}","inputs":{"document":"data:application/pdf;base64,`,
		'"}}',
	];
	const bytes = head.length + statSync(path).size + tail.length;
	await new Promise<void>((resolve, reject) => {
		const post = request(`${url}/runs`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${token}`,
				'content-type': 'application/json',
				'content-length': bytes,
			},
		});
		post.on('response', (response) => response.resume().on('end', resolve));
		post.on('error', reject);
		post.write(head);
		void pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), post, {
			end: false,
		}).then(() => post.end(tail), reject);
	});
}

/** The way of most nodes: the file as one Buffer, its base64 as one string, the request as one JSON text. */
async function byBuffer(path: string): Promise<void> {
	const base64Text = readFileSync(path).toString('base64');
	const body = JSON.stringify({
		workflowId: id,
		inputs: { document: `data:application/pdf;base64,${base64Text}` },
	});
	const response = await fetch(`${url}/runs`, {
		method: 'POST',
		body,
		headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
	});
	await response.text();
}

async function main(): Promise<void> {
	if (way === 'node') {
		const engine = await startEngine({ token, baseUrl: url });
		await byNode(engine, small);
		let seconds = 0;
		const { extraMiB } = await measure(async () => {
			({ seconds } = await byNode(engine, file));
		});
		return void console.log(JSON.stringify({ seconds, extraMiB }));
	}
	const work =
		way === 'floor' ? async () => await byFloor(base64) : async () => await byBuffer(file);
	await (way === 'floor' ? byFloor(small) : byBuffer(small));
	console.log(JSON.stringify(await measure(work)));
}

main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
