import type { IncomingMessage, ServerResponse } from 'node:http';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { useDibbyLike } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { echo } from '../support/jobs.cts';

// Dibby asks the second item for a pause of four seconds. The first item has one second, the second has ten minutes.
// On the real clock, because the simulated one lets pauses at the same time follow one another.
const suite = useDibbyLike();
const items = [{ json: { n: 0 } }, { json: { n: 1_000 } }];
const LIMITS = { waitForCompletion: true, timeLimit: '={{ $json.n === 0 ? 0.02 : 10 }}' };
const PAUSE = 4;
const BODY_OF_FIRST = JSON.stringify({ workflowId: WORKFLOWS.echo.id, inputs: { n: 0 } });

const run = async (answer: (isFirst: boolean, isStart: boolean) => string | number) => {
	suite.clock.restore();
	let pausedAt = Infinity;
	suite.answer = (response: ServerResponse, { method, url, headers }: IncomingMessage) => {
		const isStart = method === 'POST';
		const isFirst = isStart
			? Number(headers['content-length']) === BODY_OF_FIRST.length
			: url?.endsWith('run_first') === true;
		// A request of the first item may be on its way when the pause begins.
		const hasEnded = Date.now() - pausedAt > (isFirst ? 1_000 : 0);
		const status = hasEnded ? 'FINISHED' : answer(isFirst, isStart);
		if (status === PAUSE) pausedAt = Date.now();
		const isRefused = typeof status === 'number';
		response.writeHead(isRefused ? 429 : 200, isRefused ? { 'retry-after': String(status) } : {});
		response.end(JSON.stringify({ id: isFirst ? 'run_first' : 'run_second', status }));
	};
	const engine = await startEngine({ token: 'token', baseUrl: suite.server.url });
	const step = echo(LIMITS, { onError: 'continueRegularOutput' });
	return (await engine.run(step, { items })).items.map(({ json }) => json.message ?? json.status);
};

test("it doesn't hold a poll beyond its item's time limit", async () => {
	const seen = await run((isFirst, isStart) => (isFirst || isStart ? 'RUNNING' : PAUSE));
	expect(seen).toEqual(['The Dibby run is still in progress after 0.02 minutes', 'FINISHED']);
});

test('nor a start', async () => {
	const seen = await run((isFirst) => (isFirst ? 0 : PAUSE));
	expect(seen).toEqual(['Dibby is receiving too many requests', 'FINISHED']);
});
