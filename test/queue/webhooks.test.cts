import { randomBytes } from 'node:crypto';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { straightWorkflow } from '../e2e/realN8n.cts';
import { dibby, document, pdf, run, sha256, webhook } from '../e2e/sketches.cts';
import { useCluster } from './cluster.cts';
import { note } from './figures.cts';
import { processorSeconds } from '../support/processFigures.cts';

const CALLS = 300;
const AT_ONCE = 30;
const cluster = useCluster(3);

test('300 calls with a file each: every one gets the answer to its own file, and every worker takes its share', async () => {
	const workflow = await straightWorkflow(cluster, 'many', [
		webhook('many'),
		dibby(run(WORKFLOWS.digest.id, document('document', 'invoice'))),
	]);
	await cluster.client.activate(workflow);
	const pids = [cluster.n8n, ...cluster.workers].map(({ pid }) => pid);
	const before = pids.map(processorSeconds);
	const began = performance.now();
	let next = 0;
	const wrong: unknown[] = [];
	const caller = async () => {
		for (let call = next++; call < CALLS; call = next++) {
			const content = randomBytes(20_000 + call);
			const response = await cluster.client.upload('many', [pdf('invoice', content)]);
			const [answer] = (await response.json()) as Array<{ sha256?: string }>;
			if (answer?.sha256 !== sha256(content)) wrong.push({ call, answer });
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, caller));
	const seconds = (performance.now() - began) / 1000;
	expect(wrong).toEqual([]);

	const posts = cluster.sandbox.requests.filter(({ method }) => method === 'POST');
	expect(posts).toHaveLength(CALLS);
	const shares = cluster.workers.map(
		(worker) => worker.logs().match(/finished execution/g)?.length ?? 0,
	);
	expect(shares.reduce((sum, share) => sum + share)).toBe(CALLS);
	for (const share of shares) expect(share).toBeGreaterThan(CALLS / 3 / 2);

	const [main = 0, ...workers] = pids.map(
		(pid, index) => processorSeconds(pid) - (before[index] ?? 0),
	);
	note('webhooks', {
		calls: CALLS,
		seconds,
		shares,
		mainSecondsPerCall: main / CALLS,
		workerSecondsPerCall: workers.reduce((sum, time) => sum + time) / CALLS,
	});
});
