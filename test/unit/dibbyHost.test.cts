import nock from 'nock';

import { startEngine } from '../support/engine.cts';
import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { fields, getRun, triggerRun } from '../support/jobs.cts';

// The requests as Dibby's own host would get them: the sandbox has another URL and no https.
const WORKFLOW = '1b4e28ba-2fa1-11d2-883f-0016d3cca427';
const dibby = () => nock('https://dibby.ai', { reqheaders: { authorization: 'Bearer secret' } });
let clock: SimulatedClock;

beforeEach(() => {
	nock.disableNetConnect();
	clock = simulateClock();
});
afterEach(() => {
	clock.restore();
	nock.cleanAll();
	nock.enableNetConnect();
});
// Jest runs several files in one process, and nock would keep intercepting requests.
afterAll(() => nock.restore());

async function run(step: object) {
	const engine = await startEngine({ token: 'secret', baseUrl: 'https://dibby.ai/api' });
	return await engine.run(step as never);
}

test('Trigger Run is POST /api/runs with workflowId and inputs, and nothing else', async () => {
	const scope = dibby()
		.post('/api/runs', { workflowId: WORKFLOW, inputs: { vendor: 'ACME' } })
		.matchHeader('content-type', 'application/json')
		.reply(201, { id: 'run_abc123', status: 'PENDING' });
	const vendor = fields({ name: 'vendor', type: 'string', value: 'ACME' });
	const { items } = await run(triggerRun(WORKFLOW, vendor));
	expect(items[0]?.json).toEqual({ id: 'run_abc123', status: 'PENDING' });
	expect(scope.isDone()).toBe(true);
});

test('text from a certificate is quoted like text from a server: redacted, on one line, and short', async () => {
	const names = `DNS:secret.example,\nDNS:${'long.example, '.repeat(200)}`;
	const refusal = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: `Not in the names: ${names}` };
	const failure = Object.assign(new Error(refusal.message), refusal);
	dibby().get('/api/runs/run_1').replyWithError(failure);
	const { error } = await run(getRun('run_1'));
	expect(error?.message).toBe("The connection to Dibby isn't secure");
	expect(error?.description).toContain('Not in the names: DNS:[token].example, DNS:long.example');
	expect(error?.description?.length).toBeLessThan(800);
});

test("doesn't follow a redirect, so that nobody else receives the token", async () => {
	const elsewhere = nock('https://elsewhere.example').get(/.*/).reply(200, { id: 'x' });
	const location = 'https://elsewhere.example/runs/run_1?secret=1';
	dibby().get('/api/runs/run_1').reply(302, '', { location });
	const { error } = await run(getRun('run_1'));
	expect(error?.description).toContain('The redirect points to https://elsewhere.example. ');
	expect(error?.description).not.toContain('secret=1');
	expect(elsewhere.isDone()).toBe(false);
});

test("an error status over https is Dibby's, and its text is quoted", async () => {
	dibby().post('/api/runs').reply(502, { message: 'No workers' });
	const { error } = await run(triggerRun(WORKFLOW, { specifyInputs: 'item' }));
	expect(error?.message).toBe("Dibby couldn't process the request (HTTP 502)");
	expect(error?.description).toMatch(/^Dibby says: "No workers"\. A run may have been started\. /);
	expect(error?.outcomeUnknown).toBe(true);
});
