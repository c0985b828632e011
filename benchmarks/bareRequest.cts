import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { WORKFLOWS } from '../sandbox/workflows.cts';

/** The floor: a document that is base64 already, from a file into the socket, with Node.js and nothing else. */
export async function sendEncoded(path: string, url: string, token: string): Promise<void> {
	const head = `{"workflowId":"${WORKFLOWS.digest.id}","inputs":{"document":"data:application/pdf;base64,`;
	const tail = '"}}';
	const post = request(`${url}/runs`, {
		method: 'POST',
		headers: {
			authorization: `Bearer ${token}`,
			'content-type': 'application/json',
			'content-length': head.length + statSync(path).size + tail.length,
		},
	});
	const answered = new Promise<void>((resolve, reject) => {
		post.once('error', reject);
		post.once('response', (response) => {
			if (response.statusCode !== 201) reject(new Error(`HTTP ${response.statusCode}`));
			response.resume().once('end', resolve);
		});
	});
	post.write(head);
	await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), post, { end: false });
	post.end(tail);
	await answered;
}
