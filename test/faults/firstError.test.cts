import type { INode } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// A later try of the node sends nothing after a start whose outcome is unknown; what it says is what the first one said.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const LOOK_FIRST =
	'A run may have been started. Look in Dibby for a run of this workflow at this time before you start it again: a second one would be paid for too.';

const body = '{"message":"OCR engine licence expired"}';
const words = `Dibby says: "OCR engine licence expired". ${LOOK_FIRST}`;

/** A start that may have been taken: what goes wrong, and the error that must come out of all tries. */
const STARTS: Array<[name: string, fault: Fault, message: string, description: string]> = [
	[
		'HTTP 500 with words',
		{ status: 500, body },
		'Dibby could not process the request (HTTP 500)',
		words,
	],
	[
		'HTTP 502 with words, after the run was started',
		{ status: 502, body, taken: true },
		'Dibby could not process the request (HTTP 502)',
		words,
	],
	[
		'HTTP 504',
		{ status: 504, body: '' },
		'Dibby could not process the request (HTTP 504)',
		LOOK_FIRST,
	],
	[
		'a connection that is reset',
		{ kind: 'resetAfterTaken' },
		'The connection to Dibby broke off, and a run may have been started',
		LOOK_FIRST,
	],
	[
		'an answer that breaks off',
		{ kind: 'truncated' },
		'The answer of Dibby broke off, and a run may have been started',
		expect.stringMatching(/^Dibby says: "{"id":"run_[\w-]+",.*"\. A run may have been/) as string,
	],
	[
		'an answer that is no run',
		{ kind: 'wrongShape' },
		'Dibby answered with something that is not a run',
		`Dibby says: "{"data":[1,2,3]}". ${LOOK_FIRST}`,
	],
];

const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;

async function start(fault: Fault, node: Partial<INode>) {
	suite.sandbox.setFaults([{ name: 'fault', on: 'POST', fault }]);
	const step = triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' }, node);
	return await suite.engine.run({ steps: [step], items: [{ json: { n: 1 } }] });
}

describe('with Retry On Fail, the first error is the one that comes out after all tries', () => {
	test.each(STARTS)('%s', async (_name, fault, message, description) => {
		const { error } = await start(fault, RETRY);
		expect(posts()).toBe(1);
		expect({ message: error?.message, description: error?.description }).toEqual({
			message,
			description,
		});
		expect(error?.outcomeUnknown).toBe(true);
	});

	test('the HTTP status is kept too', async () => {
		const { error } = await start({ status: 500, body }, RETRY);
		expect(error?.httpCode).toBe('500');
	});
});

describe('in continue mode with Retry On Fail, the item carries the first error', () => {
	test.each(STARTS)('%s', async (_name, fault, message, description) => {
		const { items, error } = await start(fault, { ...RETRY, onError: 'continueRegularOutput' });
		expect(error).toBeUndefined();
		expect(posts()).toBe(1);
		expect(items).toHaveLength(1);
		expect(items[0]?.json).toMatchObject({
			message,
			error: { message, description, runMayHaveStarted: true },
		});
	});
});

test('of two items, each keeps its own first error', async () => {
	suite.sandbox.setFaults([
		{ name: 'first', on: 'POST', nth: 1, fault: { status: 500, body: '{"message":"one"}' } },
		{ name: 'second', on: 'POST', nth: 2, fault: { status: 502, body: '{"message":"two"}' } },
	]);
	const step = triggerRun(
		WORKFLOWS.echo.id,
		{ specifyInputs: 'item', options: { requestsAtOnce: 1 } },
		{ ...RETRY, onError: 'continueRegularOutput' },
	);
	const { items } = await suite.engine.run({
		steps: [step],
		items: [{ json: { n: 1 } }, { json: { n: 2 } }],
	});
	expect(posts()).toBe(2);
	expect(items.map(({ json }) => (json.error as { description: string }).description)).toEqual([
		`Dibby says: "one". ${LOOK_FIRST}`,
		`Dibby says: "two". ${LOOK_FIRST}`,
	]);
});
