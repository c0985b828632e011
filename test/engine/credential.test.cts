import type { ICredentialDataDecryptedObject, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { dibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLike } from '../support/dibbyLike.cts';
import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { startEngine } from '../support/engine.cts';
import { triggerRun } from '../support/jobs.cts';

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

/** Runs items with what the database contains at each reading. */
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
	const result = await engine.run(triggerRun(WORKFLOWS.echo.id, given), {
		items: Array.from({ length: items }, (_, n) => ({ json: { n } })),
	});
	return { ...result, readings };
}

const tokens = () => [...new Set(server.seen.map(({ authorization }) => authorization))];

test('is read once for each request', async () => {
	const { readings, items, error } = await run(() => ({ token: 'first' }), { items: 50 });
	expect(error).toBeUndefined();
	expect(items).toHaveLength(50);
	expect(readings).toBe(server.seen.length);
});

test('that is changed during a long wait takes effect with the next request', async () => {
	length = 6;
	const { error, stored } = await run((reading) => ({ token: reading > 3 ? 'second' : 'first' }), {
		parameters: { options: { pollInterval: 60 } },
	});
	expect(error).toBeUndefined();
	expect(tokens()).toEqual(['Bearer first', 'Bearer second']);
	expect(stored).not.toMatch(/Bearer (first|second)/);
});

test("that can't be read again during a long wait stays in use", async () => {
	length = 6;
	const { error } = await run((reading) => {
		if (reading > 3) throw new Error('The database is down');
		return { token: 'first' };
	});
	expect(error).toBeUndefined();
	expect(tokens()).toEqual(['Bearer first']);
});

test('whose token Dibby rejects ends the node at once', async () => {
	accepted = [];
	const { error } = await run(() => ({ token: 'first' }), { items: 3 });
	expect(error?.message).toMatch(/^Dibby rejected the token/);
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
});

describe("n8n's HTTP Request node, which can use the credential too", () => {
	/** The part of HTTP Request 4.2 that matters here: it follows redirects. */
	const httpRequest = {
		description: {
			displayName: 'HTTP Request',
			name: 'httpRequest',
			group: ['output' as const],
			version: 4.2,
			description: '',
			defaults: { name: 'HTTP Request' },
			inputs: ['main' as const],
			outputs: ['main' as const],
			credentials: [{ name: 'dibbyApi' }],
			properties: [],
		},
		async execute(this: IExecuteFunctions) {
			const json = (await this.helpers.requestWithAuthentication.call(this, 'dibbyApi', {
				method: 'GET',
				uri: `${server.url}/runs/run_1`,
				headers: {},
				json: true,
				followRedirect: true,
				followAllRedirects: true,
				sendCredentialsOnCrossOriginRedirect: true,
			})) as IDataObject;
			return [[{ json }]];
		},
	};

	test("doesn't take the token along a redirect to another server", async () => {
		const elsewhere = await dibbyLike((_request, response) => void response.end('{"id":"x"}'));
		await server.close();
		server = await dibbyLike((_request, response) => {
			response.writeHead(302, { location: `${elsewhere.url}/runs/run_1` }).end();
		});
		const engine = await startEngine({
			token: 'first',
			baseUrl: server.url,
			more: { httpRequest },
		});
		const credentials = { dibbyApi: { id: '1', name: 'Dibby account' } };
		const { items, error } = await engine.run({ type: 'httpRequest', credentials });
		await elsewhere.close();
		expect(error).toBeUndefined();
		expect(items[0]?.json).toEqual({ id: 'x' });
		expect(tokens()).toEqual(['Bearer first']);
		expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
	});
});
