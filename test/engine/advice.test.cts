import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Step } from '../support/engine.cts';
import { getRun, triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// What to do next must be in the words, for the trouble that users have most.
const suite = useSuite();
const LOOK_FIRST =
	'A run may have been started. Look in Dibby for a run of this workflow at this time before you start it again: a second one would be paid for too.';
const RAISE_TIMEOUT = 'For large files, raise Timeout under Request Options in the settings.';

const start = (parameters: object = {}) =>
	triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item', ...parameters });
const failWith = (fault: Fault) => suite.sandbox.setFaults([{ name: 'fault', on: 'any', fault }]);

async function errorOf(step: Step, json: object = {}) {
	const { error } = await suite.engine.run({ steps: [step], items: [{ json: json as never }] });
	return { message: error?.message, description: error?.description };
}

describe('a start that times out names the setting, and says that a run may have been started', () => {
	test.each<[string, Fault]>([
		['no answer', { kind: 'hang' }],
		['an answer that drips in', { kind: 'slowBody', byteEveryMs: 40 }],
	])('%s', async (_name, fault) => {
		failWith(fault);
		const { message, description } = await errorOf(start({ requestOptions: { timeout: 200 } }));
		expect(message).toBe('Dibby did not answer in time, and a run may have been started');
		// What came of the answer is before it.
		expect(description?.replace(/^Dibby says: ".*?"\. (?=A run)/, '')).toBe(
			`${LOOK_FIRST} ${RAISE_TIMEOUT}`,
		);
	});

	test('other failures at a start say nothing of a time-out', async () => {
		failWith({ kind: 'resetAfterTaken' });
		expect((await errorOf(start())).description).toBe(LOOK_FIRST);
	});
});

test('a 404 at a start mentions the Base URL too', async () => {
	failWith({ status: 404, body: '' });
	expect(await errorOf(start())).toEqual({
		message: 'Dibby does not know this workflow',
		description:
			"Check Workflow: open the workflow in Dibby and paste the page's address again. The token must belong to the same account. Check the Base URL in the Dibby API credential too: it normally is https://dibby.ai/api.",
	});
});

describe('Get Run without an ID', () => {
	const EMPTY = {
		message: 'Run ID is empty',
		description:
			'Use the ID that Trigger Run gave, for example {{ $json.id }}. Nothing was sent to Dibby.',
	};

	test.each([
		'={{ $json.nothing }}',
		'={{ $json.none }}',
		'={{ undefined }}',
		'={{ null }}',
		'={{ "" }}',
		'={{ " \\n\\t " }}',
		'= {{ $json.empty }} ',
	])('%s is an error, and nothing is sent', async (runId) => {
		expect(await errorOf(getRun(runId), { none: null, empty: '' })).toEqual(EMPTY);
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('one item without an ID stops the others before they are sent', async () => {
		const { error } = await suite.engine.run({
			steps: [getRun('={{ $json.id }}')],
			items: [{ json: { id: 'run_1' } }, { json: {} }],
		});
		expect(error).toMatchObject({ ...EMPTY, message: `${EMPTY.message} [item 1]` });
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('in continue mode, its item carries the error, and the others go on', async () => {
		const { items: started } = await suite.engine.run({ steps: [start()] });
		const step = getRun('={{ $json.id }}', {}, { onError: 'continueRegularOutput' });
		const { items } = await suite.engine.run({
			steps: [step],
			items: [{ json: {} }, { json: { id: started[0]?.json.id } }],
		});
		expect(items[0]?.json).toEqual({ message: EMPTY.message, error: EMPTY });
		expect(items[1]?.json).toMatchObject({ id: started[0]?.json.id });
	});
});

describe('a redirect', () => {
	const MESSAGE = 'The Base URL redirects to another address';
	const sameServer = (path: string) =>
		`It leads to another path of the same server (${path}). The node follows no redirect. Check the Base URL in the Dibby API credential: it normally is https://dibby.ai/api.`;
	const another = (target: string) =>
		`It leads to ${target}. The node does not follow it, so that the token goes nowhere else. If you trust that address, enter it in the Dibby API credential.`;

	const redirectTo = (location: string) =>
		failWith({ status: 302, headers: { location }, body: '' });

	test.each([
		['/somewhere', '/somewhere'],
		['/login?next=%2Fapi', '/login'],
		['elsewhere', '/api/elsewhere'],
	])('to %s is on the same server, and says where', async (location, path) => {
		redirectTo(location);
		expect(await errorOf(start())).toEqual({ message: MESSAGE, description: sameServer(path) });
	});

	test('with the whole address of the same server says where', async () => {
		redirectTo(`${new URL(suite.sandbox.url).origin}/v2/runs`);
		expect(await errorOf(start())).toEqual({
			message: MESSAGE,
			description: sameServer('/v2/runs'),
		});
	});

	test('says so for Get Run too', async () => {
		redirectTo('/somewhere');
		const { message, description } = await errorOf(getRun('run_1'));
		expect(message).toBe(MESSAGE);
		expect(description?.startsWith(sameServer('/somewhere'))).toBe(true);
	});

	test.each([
		['https://elsewhere.example/api/runs', 'https://elsewhere.example'],
		['//elsewhere.example/api/runs', 'http://elsewhere.example'],
		['http://127.0.0.1:1/api/runs', 'http://127.0.0.1:1'],
	])('to another server, %s, says which', async (location, target) => {
		redirectTo(location);
		expect(await errorOf(start())).toEqual({ message: MESSAGE, description: another(target) });
	});

	test.each(['', 'http://[', 'javascript:alert(1)'])(
		'to %j, which is no address, is to another address',
		async (location) => {
			redirectTo(location);
			expect(await errorOf(start())).toEqual({
				message: MESSAGE,
				description: another('another address'),
			});
		},
	);
});
