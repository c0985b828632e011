import { Socket } from 'node:net';

import type { Fault } from '../../sandbox/faults.cts';
import type { Step } from '../support/engine.cts';
import { echo, getRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// The most common problems must come with the next step.
const suite = useSuite();
const LOOK_FIRST =
	'A run may have been started. Before you try again, look in Dibby for a run of this workflow at this time, because you pay for every run.';
const INCREASE_TIMEOUT =
	"For large files, increase 'Timeout' under 'Request Options' in the node's settings.";

const failWith = (fault: Fault) => suite.sandbox.failOn('any', fault);

async function errorOf(step: Step, json: object = {}) {
	const { error } = await suite.engine.run(step, { items: [{ json: json as never }] });
	return { message: error?.message, description: error?.description };
}

describe('a start that times out names the setting and says that a run may have been started', () => {
	test.each<[string, Fault, RegExp]>([
		['no response', { kind: 'hang' }, /^/],
		// The quote is there because a partial response may contain the run's ID.
		[
			'a response that arrives too slowly',
			{ kind: 'slowBody', byteEveryMs: 40 },
			/^(Dibby says: "\{.*"\. )?/,
		],
	])('%s', async (_name, fault, words) => {
		failWith(fault);
		const { message, description } = await errorOf(echo({ requestOptions: { timeout: 200 } }));
		expect(message).toBe("Dibby didn't respond in time, but a run may have been started");
		expect(description?.replace(words, '')).toBe(`${LOOK_FIRST} ${INCREASE_TIMEOUT}`);
	});
});

test('a connection that times out names the Base URL, the proxy, and the firewall', async () => {
	const connect = Reflect.get(Socket.prototype, 'connect') as unknown;
	Socket.prototype.connect = function (this: Socket): Socket {
		const error = new Error('connect ETIMEDOUT 10.0.0.1:443');
		const details = { code: 'ETIMEDOUT', syscall: 'connect' };
		process.nextTick(() => this.destroy(Object.assign(error, details)));
		return this;
	};
	const error = await errorOf(echo()).finally(() =>
		Reflect.set(Socket.prototype, 'connect', connect),
	);
	expect(error.message).toBe("Can't connect to Dibby");
	expect(error.description).toMatch(/^No run was started\. Check 'Base URL'.*'Proxy'.*firewall/);
});

describe('a redirect', () => {
	const MESSAGE = "The 'Base URL' redirects to another URL";
	const sameServer = (path: string) =>
		`The redirect points to another path on the same server (${path}). The node doesn't follow redirects. Check 'Base URL' in the Dibby API credential. It's usually https://dibby.ai/api.`;
	const another = (target: string) =>
		`The redirect points to ${target}. To protect the token, the node doesn't follow it. If you trust that server, enter the URL of its API as 'Base URL' in the Dibby API credential.`;

	const redirectTo = (location: string) =>
		failWith({ status: 302, headers: { location }, body: '' });

	test.each([
		['/somewhere', sameServer('/somewhere')],
		['/login?next=%2Fapi', sameServer('/login')],
		['elsewhere', sameServer('/api/elsewhere')],
		['ORIGIN/v2/runs', sameServer('/v2/runs')],
		['https://elsewhere.example/api/runs', another('https://elsewhere.example')],
		['//elsewhere.example/api/runs', another('http://elsewhere.example')],
		['http://127.0.0.1:1/api/runs', another('http://127.0.0.1:1')],
		...['', 'http://[', 'javascript:alert(1)'].map((text) => [text, another('another URL')]),
	])('to %j says where', async (location, where) => {
		redirectTo(String(location).replace('ORIGIN', new URL(suite.sandbox.url).origin));
		const description = `${LOOK_FIRST} ${where}`;
		expect(await errorOf(echo())).toEqual({ message: MESSAGE, description });
	});

	test.each([307, 308])('with HTTP %d started no run', async (status) => {
		failWith({ status, headers: { location: '/somewhere' }, body: '' });
		const description = `No run was started. ${sameServer('/somewhere')}`;
		expect(await errorOf(echo())).toEqual({ message: MESSAGE, description });
	});

	test('is explained for Get Run too', async () => {
		redirectTo('/somewhere');
		const { message, description } = await errorOf(getRun('run_1'));
		expect(message).toBe(MESSAGE);
		expect(description?.startsWith(sameServer('/somewhere'))).toBe(true);
	});
});
