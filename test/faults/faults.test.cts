import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { markdownTable, putIntoPage } from '../docs/page.cts';
import { triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';
import { FAULT_CASES } from './table.cts';

const suite = useSuite();
const rows: string[][] = [];

test.each(FAULT_CASES)(
	'$name',
	async ({ name, faults, waits, posts, gets, runs, error: message, unknown = false }) => {
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

		const polls = waits ? `, ${seen('GET')} poll${seen('GET') === 1 ? '' : 's'}` : '';
		const gone =
			message === undefined ? 'the result' : `“${message}”${waits ? ", with the run's ID" : ''}`;
		rows.push([
			name,
			`${seen('POST')} start${seen('POST') === 1 ? '' : 's'}${polls}, ${runs} run${runs === 1 ? '' : 's'}`,
			gone,
		]);
	},
);

afterAll(() => {
	if (process.env.FAULT_TABLE === undefined) return;
	const table = markdownTable(['what goes wrong', 'what Dibby sees', 'what the user gets'], rows);
	process.stdout.write(`\n${table}\n`);
	putIntoPage('reliability.md', 'faults', table);
});
