import type { INode } from 'n8n-workflow';

import type { Fault } from '../../sandbox/faults.cts';
import { echo } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// After a start with an unknown outcome, later tries send nothing and report the first error.
const suite = useSuite();
const RETRY: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const LOOK_FIRST =
	'A run may have been started. Before you try again, look in Dibby for a run of this workflow at this time, because you pay for every run.';

const body = '{"message":"OCR engine license expired"}';
const words = `Dibby says: "OCR engine license expired". ${LOOK_FIRST}`;

/** A start that may have succeeded: what goes wrong, and the error that every try must report. */
const STARTS: Array<[name: string, fault: Fault, message: string, description: string]> = [
	[
		'HTTP 500 with a message',
		{ status: 500, body },
		"Dibby couldn't process the request (HTTP 500)",
		words,
	],
	[
		'HTTP 502 with a message, after the run was started',
		{ status: 502, body, taken: true },
		"Dibby couldn't process the request (HTTP 502)",
		words,
	],
	[
		'HTTP 504',
		{ status: 504, body: '' },
		"Dibby couldn't process the request (HTTP 504)",
		LOOK_FIRST,
	],
	[
		'a connection that is reset',
		{ kind: 'resetAfterTaken' },
		'The connection to Dibby was lost, but a run may have been started',
		LOOK_FIRST,
	],
	[
		'a response that is cut off',
		{ kind: 'truncated' },
		"Dibby's response was cut off, but a run may have been started",
		expect.stringMatching(/^Dibby says: "{"id":"run_[\w-]+",.*"\. A run may have been/) as string,
	],
	[
		"a response that isn't a run",
		{ kind: 'wrongShape' },
		"Dibby's response isn't a run",
		`Dibby says: "{"data":[1,2,3]}". ${LOOK_FIRST}`,
	],
];

const posts = () => suite.sandbox.requests.filter(({ method }) => method === 'POST').length;

async function start(fault: Fault, node: Partial<INode>) {
	suite.sandbox.failOn('POST', fault);
	const step = echo({}, node);
	return await suite.engine.run(step, { items: [{ json: { n: 1 } }] });
}

describe('with Retry On Fail, the last try reports the first error', () => {
	test.each(STARTS)('%s', async (_name, fault, message, description) => {
		const { error } = await start(fault, RETRY);
		expect(posts()).toBe(1);
		expect({ message: error?.message, description: error?.description }).toEqual({
			message,
			description,
		});
		expect(error?.outcomeUnknown).toBe(true);
	});

	test('also keeps the HTTP status', async () => {
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
		{ on: 'POST', nth: 1, fault: { status: 500, body: '{"message":"one"}' } },
		{ on: 'POST', nth: 2, fault: { status: 502, body: '{"message":"two"}' } },
	]);
	const step = echo(
		{ options: { requestsAtOnce: 1 } },
		{ ...RETRY, onError: 'continueRegularOutput' },
	);
	const { items } = await suite.engine.run(step, {
		items: [{ json: { n: 1 } }, { json: { n: 2 } }],
	});
	expect(posts()).toBe(2);
	expect(items.map(({ json }) => (json.error as { description: string }).description)).toEqual([
		`Dibby says: "one". ${LOOK_FIRST}`,
		`Dibby says: "two". ${LOOK_FIRST}`,
	]);
});
