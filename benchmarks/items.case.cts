import { Agent, request } from 'node:http';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { fields, triggerRun } from '../test/support/jobs.cts';
import { startEngineCase } from './engineCase.cts';
import { HTTP_REQUEST, httpRequest, loadHttpRequest } from './httpRequestNode.cts';
import { measure, report } from './measure.cts';

const [way = '', count = '', url = '', token = ''] = process.argv.slice(2);
const workflowId = WORKFLOWS.echo.id;

/** The floor: the same requests from Node.js alone, four at once on connections that stay open. */
async function bare(numbers: number[]): Promise<void> {
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

/** One way to send many small items: warmed up with a few, then measured. */
report(async () => {
	const numbers = Array.from({ length: Number(count) }, (_value, n) => n);
	if (way === 'floor') {
		await bare(numbers.slice(0, 50));
		return await measure(async () => await bare(numbers));
	}
	const engine = await startEngineCase(url, token, { [HTTP_REQUEST]: loadHttpRequest() });
	const ofField = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
	const options = way === 'node50' ? { options: { requestsAtOnce: 50 } } : {};
	const step =
		way === 'httpRequest'
			? httpRequest(url, `={"workflowId":"${workflowId}","inputs":{"n":{{ $json.n }}}}`)
			: triggerRun(workflowId, { ...ofField, ...options });
	const items = numbers.map((n) => ({ json: { n } }));
	await engine.run(step, items.slice(0, 50));
	return await measure(async () => await engine.run(step, items));
});
