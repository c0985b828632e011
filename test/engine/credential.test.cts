import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { dibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLike } from '../support/dibbyLike.cts';
import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { startEngine } from '../support/engine.cts';
import { triggerRun } from '../support/jobs.cts';

const MINUTE_MS = 60_000;

let server: DibbyLike;
let clock: SimulatedClock;
let accepted: string[];
let polls: number;
/** How often the run is polled until it is over. */
let length: number;

beforeEach(async () => {
	accepted = ['first', 'second'];
	polls = 0;
	length = 1;
	server = await dibbyLike(({ method, headers }, response) => {
		const isAccepted = accepted.some((token) => headers.authorization === `Bearer ${token}`);
		const isOver = method === 'GET' && isAccepted && ++polls >= length;
		const run = {
			id: 'run_1',
			status: isOver ? 'FINISHED' : 'RUNNING',
			output: isOver ? {} : null,
		};
		response.writeHead(isAccepted ? 200 : 401).end(JSON.stringify(isAccepted ? run : {}));
	});
	clock = simulateClock();
});
afterEach(async () => {
	clock.restore();
	await server.close();
});

/** Runs items with what the database holds at each reading; the first is that of n8n's own engine. */
async function run(
	stored: (reading: number) => ICredentialDataDecryptedObject,
	{ items = 1, parameters = {} } = {},
) {
	let readings = 0;
	const engine = await startEngine({
		token: '',
		baseUrl: server.url,
		credential: () => ({ baseUrl: server.url, ...stored(++readings) }),
	});
	const given = { specifyInputs: 'item', waitForCompletion: true, ...parameters };
	const result = await engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, given)],
		items: Array.from({ length: items }, (_, n) => ({ json: { n } })),
	});
	return { ...result, readings };
}

const tokens = () => [...new Set(server.seen.map(({ authorization }) => authorization))];

test('is read once for all items and requests, beside that of n8n itself, and once as it is stored', async () => {
	const { readings, items, error } = await run(() => ({ token: 'first' }), { items: 50 });
	expect(error).toBeUndefined();
	expect(items).toHaveLength(50);
	expect(server.seen.length).toBeGreaterThanOrEqual(100);
	expect(readings).toBe(3);
});

test('is read again when a long wait makes it old, so that a new token comes into use', async () => {
	length = 60;
	const { readings, error } = await run(
		(reading) => ({ token: reading > 3 ? 'second' : 'first' }),
		{
			parameters: { timeLimit: 600, options: { pollInterval: 60 } },
		},
	);
	expect(error).toBeUndefined();
	expect(tokens()).toEqual(['Bearer first', 'Bearer second']);
	const minutes = clock.pauses.reduce((sum, pause) => sum + pause, 0) / MINUTE_MS;
	expect(readings).toBeLessThanOrEqual(3 + minutes / 5);
	expect(readings).toBeGreaterThan(5);
});

test('is read again when the token is refused, and the request is made again when it has changed', async () => {
	length = 3;
	const revoked = run((reading) => ({ token: reading > 3 ? 'second' : 'first' }), {
		parameters: { options: { pollInterval: 30 } },
	});
	const timer = setInterval(() => {
		if (server.seen.length > 0) accepted = ['second'];
	}, 1);
	const after = await revoked;
	clearInterval(timer);
	expect(after.error).toBeUndefined();
	expect(after.readings).toBe(4);
	expect(tokens()).toEqual(['Bearer first', 'Bearer second']);
	expect(after.stored).not.toMatch(/Bearer (first|second)/);
});

test('is read once more when the token stays refused, and then the error says so', async () => {
	accepted = [];
	const { readings, error } = await run(() => ({ token: 'first' }), { items: 3 });
	expect(error?.message).toMatch(/^Dibby did not accept the token/);
	expect(readings).toBeLessThanOrEqual(4);
	expect(server.seen.length).toBeLessThanOrEqual(4);
});

describe('whose token is an expression', () => {
	const ITEMS = 40;
	/** The second token is that of one item alone, in the midst of the others. */
	const OWN = '={{ $json.n === 20 ? "second" : "first" }}';

	test.each([
		['all at once', {}],
		['one by one', { requestOptions: { batching: { batch: { batchSize: 1, batchInterval: 1 } } } }],
	])('of the item: each item has its own, when n8n hands them over %s', async (_how, more) => {
		const { error } = await run(() => ({ token: OWN }), {
			items: ITEMS,
			parameters: { waitForCompletion: false, ...more },
		});
		expect(error).toBeUndefined();
		const ofSecond = server.seen.filter(({ authorization }) => authorization === 'Bearer second');
		expect(ofSecond).toHaveLength(1);
		expect(server.seen).toHaveLength(ITEMS);
	});

	test('of a variable: it is read once for all', async () => {
		const token = '={{ $vars.dibby ?? "first" }}';
		const { readings, items } = await run(() => ({ token }), { items: 3 });
		expect(items).toHaveLength(3);
		expect(readings).toBe(3);
	});
});

describe('the domains that it is limited to', () => {
	const limitedTo = (allowedDomains: string) => () => ({
		token: 'first',
		allowedHttpRequestDomains: 'domains',
		allowedDomains,
	});

	test('its own one goes on working', async () => {
		const { error, items } = await run(limitedTo('127.0.0.1'));
		expect(error).toBeUndefined();
		expect(items).toHaveLength(1);
	});

	test('another one is refused by n8n, and nothing is sent', async () => {
		const { error } = await run(limitedTo('other.example'));
		// Older versions of n8n don't let through why a request was not made.
		expect(error?.message).toMatch(/^(n8n did not make the request to|The connection to) Dibby/);
		expect(server.seen).toEqual([]);
	});
});
