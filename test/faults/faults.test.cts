import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';
import { FAULT_CASES } from './table.cts';

const suite = useSuite();

test.each(FAULT_CASES)(
	'$name',
	async ({ faults, waits, posts, gets, runs, error: message, unknown = false }) => {
		suite.sandbox.setFaults(faults);
		const hangs = faults.some(
			({ fault }) => 'kind' in fault && ['hang', 'slowBody', 'stuckBody'].includes(fault.kind),
		);
		const { items, error, stored } = await suite.engine.run({
			steps: [
				triggerRun(WORKFLOWS.echo.id, {
					specifyInputs: 'item',
					...(waits ? { waitForCompletion: true, timeLimit: 0.1 } : {}),
					...(hangs ? { requestOptions: { timeout: 200 } } : {}),
				}),
			],
			items: [{ json: { n: 1 } }],
		});
		const seen = (method: string) =>
			suite.sandbox.requests.filter((request) => request.method === method).length;
		const ids = [...suite.sandbox.runs.keys()];

		expect(error?.message).toBe(message);
		expect(seen('POST')).toBe(posts);
		if (gets !== undefined) expect(seen('GET')).toBe(gets);
		expect(ids).toHaveLength(runs);
		expect(error?.outcomeUnknown ?? false).toBe(unknown);
		if (unknown)
			expect(error?.description).toMatch(/A run may have been started\. Before you try again/);
		if (message === undefined) expect(items).toHaveLength(1);
		else expect(items).toHaveLength(0);
		// A run that the node knows of is named, whatever happened after it was started.
		if (message !== undefined && waits) expect(error?.description).toContain(ids[0]);
		expect(stored).not.toContain(TOKEN);
	},
);
