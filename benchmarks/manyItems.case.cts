import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import type { Step } from '../test/support/engine.cts';
import { document, fields, triggerRun } from '../test/support/jobs.cts';
import { startEngineCase } from './engineCase.cts';
import { measure, report } from './measure.cts';

const [way = '', count = ''] = process.argv.slice(2);
const TOKEN = 'bench';

/** A Dibby that starts every run and remembers none, so that its own growth is not measured. */
async function startDibby(): Promise<string> {
	const server = createServer((request, response) => {
		request.resume().once('end', () => {
			response.writeHead(201, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ id: `run_${randomUUID()}`, status: 'PENDING', output: null }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

function stepOf(): Step {
	const workflowId = WORKFLOWS.invoice.id;
	// The items have no files at all: each is found wrong before anything is sent.
	if (way === 'wrongStop') return triggerRun(workflowId, document('document'));
	if (way === 'wrongContinue') {
		return triggerRun(workflowId, document('document'), { onError: 'continueRegularOutput' });
	}
	return triggerRun(
		WORKFLOWS.echo.id,
		fields({ name: 'n', type: 'number', value: '={{ $json.n }}' }),
	);
}

/** Many items that all go wrong, or all start a run: warmed up with a few, then measured. */
report(async () => {
	const engine = await startEngineCase(await startDibby(), TOKEN);
	const step = stepOf();
	const work = async (items: INodeExecutionData[]): Promise<void> => {
		try {
			await engine.run(step, items);
		} catch (error) {
			// The one error that is asked for; any other means that nothing was measured.
			if (way !== 'wrongStop' || !String(error).includes('binary field')) throw error;
		}
	};
	const items = Array.from({ length: Number(count) }, (_value, n) => ({ json: { n } }));
	await work(items.slice(0, 300));
	return await measure(async () => await work(items));
});
