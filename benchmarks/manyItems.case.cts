import { randomUUID } from 'node:crypto';

import type { INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { dibbyLike } from '../test/support/dibbyLike.cts';
import type { Step } from '../test/support/engine.cts';
import { document, fields, numbers, triggerRun } from '../test/support/jobs.cts';
import { startMeasuredEngine } from './engine.cts';
import { measure, report } from './measure.cts';

const [way = '', , , count = ''] = process.argv.slice(2);

const NUMBER = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
const INVALID = document('document');
const STEPS: Record<string, Step> = {
	invalidStop: triggerRun(WORKFLOWS.invoice.id, INVALID),
	invalidContinue: triggerRun(WORKFLOWS.invoice.id, INVALID, { onError: 'continueRegularOutput' }),
	start: triggerRun(WORKFLOWS.echo.id, NUMBER),
};

report(async () => {
	// A Dibby that remembers no run, so that its own growth isn't measured.
	const { url } = await dibbyLike((_request, response) => {
		response.writeHead(201, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ id: `run_${randomUUID()}`, status: 'PENDING', output: null }));
	});
	const engine = await startMeasuredEngine(url, 'bench');
	const execute = async (items: INodeExecutionData[]): Promise<void> => {
		try {
			await engine.execute(STEPS[way] as Step, items);
		} catch (error) {
			if (way !== 'invalidStop' || !String(error).includes('binary field')) throw error;
		}
	};
	const items = numbers(Number(count));
	await execute(items.slice(0, 300));
	return await measure(async () => await execute(items));
});
