import { ExecuteSingleContext } from 'n8n-core';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startEngine } from '../support/engine.cts';
import { getRun, triggerRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// Whatever a server sends: errors, logs, and n8n's stored data don't contain the token, and texts are short.
const suite = useSuite();
const STRANGE_TOKEN = 'to"k\\e/n-é?>~-0123456789';
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Lets Dibby reject a start with this body. Returns the error and everything that n8n stores. */
async function refusal(body: string, token = TOKEN, headers: Record<string, string> = {}) {
	const status = headers.location === undefined ? 403 : 302;
	suite.sandbox.setFaults([{ name: 'fault', on: 'any', fault: { status, body, headers } }]);
	const engine = await startEngine({ token, baseUrl: suite.sandbox.url });
	const { error, stored } = await engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' })],
	});
	return { message: error?.message, description: error?.description ?? '', stored };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const escaped = (token: string) => JSON.stringify(token).slice(1, -1);

const FORMS: Array<[name: string, write: (token: string) => string]> = [
	['as it is', (token) => token],
	['URL-encoded', encodeURIComponent],
	['in base64', base64],
	['with "Bearer" in base64', (token) => base64(`Bearer ${token}`)],
	['JSON-escaped', escaped],
	['JSON-escaped, with slashes too', (token) => escaped(token).replaceAll('/', '\\/')],
	[
		'JSON-escaped, with other alphabets too',
		(token) =>
			escaped(token).replace(
				/[^ -~]/g,
				(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
			),
	],
];

describe.each([TOKEN, STRANGE_TOKEN])('the token %j in what a server writes', (token) => {
	test.each(FORMS)('is hidden %s', async (_name, write) => {
		const form = write(token);
		const { description, stored } = await refusal(`before ${form} after`, token);
		expect(description).toContain('Dibby says: "before [token] after". ');
		for (const hidden of [form, escaped(form)]) expect(stored).not.toContain(hidden);
	});

	test('is hidden twice, and beside other words', async () => {
		const { description } = await refusal(`(${token}),${token}: no`, token);
		expect(description).toContain('Dibby says: "([token]),[token]: no". ');
	});
});

test('each item hides its own token, when an expression in the credential gives it one', async () => {
	const token = `=${TOKEN}-of-item-{{ $itemIndex }}`;
	const engine = await startEngine({ token, baseUrl: suite.sandbox.url });
	const body = `no ${TOKEN}-of-item-1`;
	suite.sandbox.setFaults([{ name: 'fault', on: 'POST', nth: 2, fault: { status: 403, body } }]);
	const { items } = await engine.run({
		steps: [
			triggerRun(
				WORKFLOWS.echo.id,
				{ specifyInputs: 'item', options: { requestsAtOnce: 1 } },
				{ onError: 'continueRegularOutput' },
			),
		],
		items: [{ json: {} }, { json: {} }],
	});
	expect(items[1]?.json.error).toMatchObject({
		description: expect.stringContaining('Dibby says: "no [token]".') as string,
	});
});

describe('a secret at the border of what is shown', () => {
	test.each([
		['white space', `a${' '.repeat(11_985)}`, 'a '],
		['content', `${'A'.repeat(11_989)} `, '[content] '],
		['words', 'word '.repeat(118), 'word '.repeat(118)],
	])('behind long %s is hidden whole', async (_what, before, shown) => {
		const { description, stored } = await refusal(`${before}${TOKEN}`);
		expect(description).toContain(`Dibby says: "${shown}[token]`);
		expect(stored).not.toContain(TOKEN.slice(0, 8));
	});
});

test('a server that calls a run by the token puts it into no error, no log and no list', async () => {
	const log = watchLog();
	const body = JSON.stringify({ id: `run_${TOKEN}`, status: 'PENDING' });
	suite.sandbox.setFaults([{ name: 'fault', on: 'POST', fault: { status: 200, body } }]);
	const { error, stored } = await suite.engine.run({
		steps: [triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' })],
	});
	log.restore();
	expect(error?.description).toMatch(/^Dibby says: "{"id":"run_\[token\]".* may have been started/);
	expect(stored).not.toContain(TOKEN);
	expect(log.lines('info').join()).not.toContain(TOKEN);
});

describe('odd tokens', () => {
	test.each(['t', 'o', '[', 'token', '[token]'])('%j makes no garbage of a text', async (token) => {
		const { description, stored } = await refusal('not to show', token);
		const words = /^Dibby says: "(.*?)"\. /.exec(description)?.[1] ?? '';
		const rest = words.replaceAll('[token]', '');
		expect(rest).toMatch(/^[a-z ]+$/);
		expect(stored).not.toContain('[[token]');
	});

	// n8n would leave out the character, so that the server could show a token that nobody hides.
	test.each(['to\u200bken-0123456789', 'to\nken-0123456789', 'тoken-0123456789', '“token”'])(
		'%j is refused, and nothing is sent',
		async (token) => {
			const { message } = await refusal('no', token);
			expect(message).toBe("'Token' contains a character that isn't allowed");
			expect(suite.sandbox.requests).toHaveLength(0);
		},
	);

	test('half of a character in the token throws nothing', async () => {
		const { message, description } = await refusal('no', 'half-\ud800-token');
		expect(message).toBeDefined();
		expect(message).not.toBe('The Dibby node stopped unexpectedly');
		expect(description).not.toContain('malformed');
	});
});

describe('odd texts', () => {
	test('half of a character in the text throws nothing', async () => {
		const { message, description } = await refusal('{"message":"half \\ud800 gone"}');
		expect(message).toBe('Dibby denied access with this token');
		expect(description).toMatch(/^Dibby says: "half . gone"\. /u);
	});

	test('the cut leaves no half of a character', async () => {
		const { description } = await refusal(`${'word '.repeat(119)}abcd😀😀😀`);
		expect(description).toContain('…');
		expect(description).not.toMatch(LONE_SURROGATE);
	});
});

test.each([
	[`https://${TOKEN}.example/api`, 'https://[token].example'],
	[`https://elsewhere.example/?token=${TOKEN}`, 'https://elsewhere.example'],
	[`/login/${TOKEN}/x`, 'another path on the same server (/login/[token]/x)'],
	[`/login?token=${TOKEN}`, 'another path on the same server (/login)'],
])('a redirect to %s does not show the token', async (location, shown) => {
	const { description, stored } = await refusal('', TOKEN, { location });
	expect(description).toContain(`The redirect points to ${shown}. `);
	expect(stored).not.toContain(TOKEN);
});

describe("a run's status", () => {
	let logged: unknown[];
	beforeEach(() => {
		logged = [];
		const log = (...entry: unknown[]) => void logged.push(entry);
		const logger = { debug: log, info: log, warn: log, error: log };
		Object.defineProperty(ExecuteSingleContext.prototype, 'logger', {
			configurable: true,
			get: () => logger,
		});
	});
	afterEach(() => {
		delete (ExecuteSingleContext.prototype as { logger?: unknown }).logger;
	});

	/** Waits in vain for a run with this status; everything that could be seen of it. */
	async function waitInVain(status: string, id = 'run_1') {
		const body = JSON.stringify({ id, status });
		suite.sandbox.setFaults([{ name: 'status', on: 'GET', fault: { status: 200, body } }]);
		const messages: unknown[] = [];
		const { error, stored } = await suite.engine.run({
			steps: [getRun(id, { waitForCompletion: true, timeLimit: 1 })],
			onMessage: (message) => messages.push(message),
		});
		const { description = '', message } = error ?? {};
		return { message, description, seen: JSON.stringify([logged, messages]) + stored };
	}

	test('that contains the token is shown without it, in the error, the log and the editor', async () => {
		const { description, seen } = await waitInVain(`waits for ${TOKEN}`);
		expect(description).toContain('Its last known status is waits for [token]. ');
		expect(seen).not.toContain(TOKEN);
	});

	test('that is long is cut', async () => {
		const { message, description, seen } = await waitInVain('waits for Bob '.repeat(150));
		expect(message).toBe('The Dibby run is still in progress after 1 minute');
		expect(description).toMatch(/status is waits for Bob waits [^…]{0,90}…\. To get the/);
		expect(seen).not.toContain('waits for Bob '.repeat(10));
	});

	test('that is on several lines is shown on one', async () => {
		const { description } = await waitInVain('waits\r\n\tfor Bob');
		expect(description).toContain('status is waits for Bob. ');
	});

	test('a run ID of 120 characters stays whole in the error', async () => {
		const id = `run_${'a1B2'.repeat(29)}`;
		const { description } = await waitInVain('RUNNING', id);
		expect(id).toHaveLength(120);
		expect(description).toContain(`with the ID ${id} again`);
	});
});
