import type { ICredentialDataDecryptedObject, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { dibbyLike, useDibbyLike } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { echo, numbers } from '../support/jobs.cts';
import { nodeType } from '../support/nodeTypes.cts';

const suite = useDibbyLike();
let accepted: string[];
/** How often the run is polled until it is over. */
let length: number;

beforeEach(() => {
	accepted = ['first', 'second'];
	length = 1;
	let polls = 0;
	suite.answer = (response, { method, headers }) => {
		const isAccepted = accepted.some((token) => headers.authorization === `Bearer ${token}`);
		const isOver = method === 'GET' && isAccepted && ++polls >= length;
		const run = { id: 'run_1', status: isOver ? 'FINISHED' : 'RUNNING', output: null };
		response.writeHead(isAccepted ? 200 : 401).end(JSON.stringify(isAccepted ? run : {}));
	};
});

/** Runs items with what the database contains at each reading. */
async function run(
	stored: (reading: number) => ICredentialDataDecryptedObject,
	{ count = 1, parameters = {}, node = {} } = {},
) {
	let readings = 0;
	const baseUrl = suite.server.url;
	const credential = () => ({ baseUrl, ...stored(++readings) });
	const engine = await startEngine({ token: '', baseUrl, credential });
	const step = echo({ waitForCompletion: true, ...parameters }, node);
	return { ...(await engine.run(step, { items: numbers(count) })), readings };
}

const tokens = () => [...new Set(suite.server.seen.map(({ authorization }) => authorization))];

test('is read once for each request', async () => {
	const { readings, items, error } = await run(() => ({ token: 'first' }), { count: 50 });
	expect(error).toBeUndefined();
	expect(items).toHaveLength(50);
	expect(readings).toBe(suite.server.seen.length);
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

test.each([{}, { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 }])(
	"that can't be read starts no run, and the error says so of all items: %j",
	async (node) => {
		const deleted = () => {
			throw new Error('Credential with ID "1" does not exist');
		};
		const { error } = await run(deleted, { count: 3, node });
		expect(error?.message).toBe("n8n can't read the Dibby API credential [item 0]");
		expect(error?.description).not.toContain('may');
		expect(error?.context).toEqual({ itemIndex: 0 });
		expect(suite.server.seen).toHaveLength(0);
	},
);

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
	const { error } = await run(() => ({ token: 'first' }), { count: 3 });
	expect(error?.message).toMatch(/^Dibby rejected the token/);
	expect(suite.server.seen.length).toBeLessThanOrEqual(4);
});

test.each([
	['all at once', {}],
	['one by one', { batching: { batch: { batchSize: 1, batchInterval: 1 } } }],
])('whose token is an expression: each item has its own, %s', async (_how, requestOptions) => {
	// The second token is that of one item alone, in the midst of the others.
	const token = '={{ $json.n === 20 ? "second" : "first" }}';
	const parameters = { waitForCompletion: false, requestOptions };
	const { error } = await run(() => ({ token }), { count: 40, parameters });
	expect(error).toBeUndefined();
	const used = suite.server.seen.map(({ authorization }) => authorization);
	expect(used.filter((authorization) => authorization === 'Bearer second')).toHaveLength(1);
	expect(used).toHaveLength(40);
});

test('that is limited to some domains works with its own', async () => {
	const allowed = { allowedHttpRequestDomains: 'domains', allowedDomains: 'a.b, 127.0.0.1' };
	const { error } = await run(() => ({ token: 'first', ...allowed }));
	expect(error).toBeUndefined();
});

test("n8n's HTTP Request node, which can use it too, doesn't take the token along a redirect to another server", async () => {
	/** The part of HTTP Request 4.2 that matters here: it follows redirects. */
	const httpRequest = nodeType(
		'httpRequest',
		async function (this: IExecuteFunctions) {
			const json = (await this.helpers.requestWithAuthentication.call(this, 'dibbyApi', {
				method: 'GET',
				uri: `${suite.server.url}/runs/run_1`,
				headers: {},
				json: true,
				followRedirect: true,
				followAllRedirects: true,
				sendCredentialsOnCrossOriginRedirect: true,
			})) as IDataObject;
			return [[{ json }]];
		},
		{ credentials: [{ name: 'dibbyApi' }] },
	);
	const elsewhere = await dibbyLike((_request, response) => void response.end('{"id":"x"}'));
	suite.answer = (response) =>
		response.writeHead(302, { location: `${elsewhere.url}/runs/run_1` }).end();
	const more = { httpRequest };
	const engine = await startEngine({ token: 'first', baseUrl: suite.server.url, more });
	const credentials = { dibbyApi: { id: '1', name: 'Dibby account' } };
	const { items, error } = await engine.run({ type: 'httpRequest', credentials });
	await elsewhere.close();
	expect(error).toBeUndefined();
	expect(items[0]?.json).toEqual({ id: 'x' });
	expect(tokens()).toEqual(['Bearer first']);
	expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
});
