import { randomUUID } from 'node:crypto';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { dibbyLike } from '../test/support/dibbyLike.cts';
import { fields, numbers, triggerRun } from '../test/support/jobs.cts';
import { startMeasuredEngine } from './engine.cts';
import { measure, report } from './measure.cts';

const [, , , count = ''] = process.argv.slice(2);

const NUMBER = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
const STEP = triggerRun(WORKFLOWS.echo.id, NUMBER);

report(async () => {
	// A Dibby that remembers no run, so that its own growth isn't measured.
	const { url } = await dibbyLike((_request, response) => {
		response.writeHead(201, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ id: `run_${randomUUID()}`, status: 'PENDING', output: null }));
	});
	const engine = await startMeasuredEngine(url, 'bench');
	const items = numbers(Number(count));
	await engine.execute(STEP, items.slice(0, 300));
	return await measure(async () => void (await engine.execute(STEP, items)));
});
