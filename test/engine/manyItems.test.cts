import { dibbyLike } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { echo, fields, triggerRun } from '../support/jobs.cts';

// More items than a function can have arguments.
const COUNT = 130_000;

test('with 130,000 items of which one is invalid, the node ends and sends nothing', async () => {
	const server = await dibbyLike((_request, response) => response.end('{}'));
	const engine = await startEngine({ token: 'token', baseUrl: server.url });
	const value = '={{ $itemIndex === 0 ? "no number" : 1 }}';
	const { error } = await engine.run(echo(fields({ name: 'n', type: 'number', value })), {
		items: Array.from({ length: COUNT }, () => ({ json: {} })),
	});
	await server.close();
	expect(error?.message).toContain('[item 0]');
	expect(server.seen).toEqual([]);
});

test('with 130,000 failed items and On Error: Continue, each has its error', async () => {
	const engine = await startEngine({ token: 'token', baseUrl: 'http://localhost:9' });
	const { items, error } = await engine.run(
		triggerRun(
			'not an ID',
			{ specifyInputs: 'json', jsonInputs: '{}' },
			{ onError: 'continueRegularOutput' },
		),
		{ items: Array.from({ length: COUNT }, () => ({ json: {} })) },
	);
	expect(error).toBeUndefined();
	expect(items).toHaveLength(COUNT);
});
