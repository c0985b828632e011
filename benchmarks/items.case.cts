import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { INodeType, VersionedNodeType } from 'n8n-workflow';

import { DEFAULT_N8N_VERSION, WORK_FOLDER } from '../sandbox/editor/paths.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { fields, triggerRun } from '../test/support/jobs.cts';
import { startMeasuredEngine } from './engine.cts';
import { HTTP_REQUEST, httpRequestParameters } from './httpRequest.cts';
import { measure, report } from './measure.cts';

const [way = '', url = '', token = '', count = ''] = process.argv.slice(2);
const workflowId = WORKFLOWS.echo.id;

/** The lower bound: the same requests with Node.js alone, four at the same time over reused connections. */
async function sendAll(numbers: number[]): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: 4 });
	const send = async (n: number) =>
		await new Promise<void>((resolve, reject) => {
			const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
			const post = request(`${url}/runs`, { method: 'POST', headers, agent }, (response) => {
				response.resume().once('end', resolve);
			});
			post.once('error', reject);
			post.end(JSON.stringify({ workflowId, inputs: { n } }));
		});
	await Promise.all(numbers.map(send));
	agent.destroy();
}

/** n8n's own HTTP Request node, from the n8n that `npm start` installs. */
function loadHttpRequest(): INodeType {
	const nodes = join(WORK_FOLDER, DEFAULT_N8N_VERSION, 'node_modules/n8n-nodes-base/dist/nodes');
	const file = join(nodes, 'HttpRequest/HttpRequest.node.js');
	const { HttpRequest } = createRequire(file)(file) as { HttpRequest: new () => VersionedNodeType };
	return new HttpRequest().getNodeType(HTTP_REQUEST.typeVersion);
}

report(async () => {
	const numbers = Array.from({ length: Number(count) }, (_value, n) => n);
	if (way === 'floor') {
		await sendAll(numbers.slice(0, 50));
		return await measure(async () => await sendAll(numbers));
	}
	const engine = await startMeasuredEngine(url, token, { [HTTP_REQUEST.type]: loadHttpRequest() });
	const inputs = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
	const options = way === 'node50' ? { options: { requestsAtOnce: 50 } } : {};
	const credentials = { httpBearerAuth: { id: '1', name: 'Bearer' } };
	const step =
		way === 'httpRequest'
			? { ...HTTP_REQUEST, parameters: httpRequestParameters(url), credentials }
			: triggerRun(workflowId, { ...inputs, ...options });
	const items = numbers.map((n) => ({ json: { n } }));
	await engine.execute(step, items.slice(0, 50));
	return await measure(async () => (await engine.execute(step, items)).seconds);
});
