import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { getRun, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// What comes after falling asleep needs a whole n8n: test/sleep.
const suite = useSuite();
const SLEEP = { waitForCompletion: true, whileWaiting: 'sleep', specifyInputs: 'item' };

test.each([
	['Trigger Run', triggerRun(WORKFLOWS.echo.id, SLEEP)],
	['Get Run', getRun('run_1', SLEEP)],
])(
	'where n8n lacks the nodes that sleeping needs, %s says so and sends nothing',
	async (_name, step) => {
		const { error } = await suite.engine.run({ steps: [step] });
		expect(error?.message).toBe('This n8n lacks a node that sleeping needs');
		expect(error?.description).toBe(
			'It was switched off here: n8n-nodes-base.executeWorkflowTrigger, n8n-nodes-base.wait, n8n-nodes-base.if. Set While Waiting to Stay Active. Nothing was sent to Dibby.',
		);
		expect(suite.sandbox.requests).toHaveLength(0);
	},
);

test.each([0, -1, 'soon', 1e12])('a Time Limit of %j days is refused', async (timeLimitDays) => {
	const { error } = await suite.engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { ...SLEEP, timeLimitDays })],
	});
	expect(error?.message).toBe('Time Limit must be a number above zero');
	expect(suite.sandbox.requests).toHaveLength(0);
});
