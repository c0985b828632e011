import { setTimeout as sleep } from 'node:timers/promises';

import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { straightWorkflow } from '../e2e/realN8n.cts';
import { dibby, document, pdf, run, webhook } from '../e2e/sketches.cts';
import { useCluster } from './cluster.cts';

const CALLS = 6;
const cluster = useCluster(3);

test('sleeping executions hold no worker, and go on when one of three and the main process were killed', async () => {
	const sketches = [
		webhook('sleep', 'onReceived'),
		dibby(run(WORKFLOWS.approval.id, { ...document('document', 'scan'), whileWaiting: 'sleep' })),
	];
	const workflow = await straightWorkflow(cluster, 'sleep', sketches);
	await cluster.client.activate(workflow);
	for (let call = 0; call < CALLS; call++) {
		await cluster.client.upload('sleep', [pdf('scan', Buffer.from(`scan ${call}`))]);
	}
	const own = async () =>
		(await cluster.client.executions(workflow.id)).filter(({ mode }) => mode === 'webhook');
	const areAllWaiting = async () => {
		const all = await own();
		return all.length === CALLS && all.every(({ status }) => status === 'waiting');
	};
	while (!(await areAllWaiting())) await sleep(500);

	const [worker] = cluster.workers.splice(0, 1);
	process.kill(-(worker?.pid ?? 0), 'SIGKILL');
	await cluster.restartMain();
	for (const id of cluster.sandbox.waiting()) cluster.sandbox.finish(id);

	for (const { id } of await own()) {
		const execution = await cluster.client.waitForExecution(id, 600_000);
		expect(execution.status).toBe('success');
		expect(nodeItems(execution, 'Dibby')[0]?.json).toMatchObject({ approved: true });
	}
	const posts = cluster.sandbox.requests.filter(({ method }) => method === 'POST');
	expect(posts).toHaveLength(CALLS);
}, 1_200_000);
