import { Redactor } from '../../dist/nodes/Dibby/api/redact.js';
import { startEngine } from '../support/engine.cts';
import { echo, getRun } from '../support/jobs.cts';
import { watchLog } from '../support/logger.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// Whatever a server sends: errors, logs, and n8n's stored data don't contain the token, and texts are short.
const suite = useSuite();
const STRANGE_TOKEN = 'to"k\\e/n-é?>~-0123456789';
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Lets Dibby reject a start with this body. Returns the error and everything that n8n stores. */
async function refusal(body: string, token = TOKEN, headers: Record<string, string> = {}) {
	const status = headers.location === undefined ? 403 : 302;
	suite.sandbox.failOn('any', { status, body, headers });
	const engine = await startEngine({ token, baseUrl: suite.sandbox.url });
	const { error, stored } = await engine.run(echo());
	return { message: error?.message, description: error?.description ?? '', stored };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const json = (token: string) => JSON.stringify(token).slice(1, -1);
const hex = (code: number, length = 2) => code.toString(16).padStart(length, '0');

/** Writes each character that isn't a letter or digit as a server's encoder does. */
const escaped = (write: (code: number) => string) => (token: string) =>
	token.replace(/[^a-z\d]/gi, (character) => write(character.charCodeAt(0)));
const percent = (token: string) =>
	token.replace(/[^a-z\d]/gi, (character) =>
		[...Buffer.from(character)].map((byte) => `%${hex(byte)}`).join(''),
	);
const NAMED: Record<string, string> = {
	'-': '&hyphen;',
	'"': '&quot;',
	'\\': '&bsol;',
	'/': '&sol;',
	'>': '&gt;',
};

const FORMS: Array<[name: string, write: (token: string) => string]> = [
	['as it is', (token) => token],
	['in upper case', (token) => token.toUpperCase()],
	['URL-encoded', encodeURIComponent],
	['URL-encoded in lower case', (token) => encodeURIComponent(token).toLowerCase()],
	['with every special character URL-encoded', percent],
	['in base64', base64],
	['in URL-encoded base64', (token) => encodeURIComponent(base64(token))],
	['with "Bearer" in base64', (token) => base64(`Bearer ${token}`)],
	['JSON-escaped', json],
	['JSON-escaped, with slashes too', (token) => json(token).replaceAll('/', '\\/')],
	['escaped as in .NET', escaped((code) => `\\u${hex(code, 4).toUpperCase()}`)],
	['escaped as in Gson', escaped((code) => `\\u${hex(code, 4)}`)],
	['escaped as in JavaScript', escaped((code) => `\\x${hex(code)}`)],
	['escaped with braces', escaped((code) => `\\u{${hex(code)}}`)],
	['escaped with backslashes', escaped((code) => `\\${String.fromCharCode(code)}`)],
	['in decimal HTML entities', escaped((code) => `&#${code};`)],
	['in such entities with zeros', escaped((code) => `&#${String(code).padStart(5, '0')};`)],
	['in hexadecimal HTML entities', escaped((code) => `&#x${hex(code, 4)};`)],
	['in such entities with capital letters', escaped((code) => `&#X${hex(code).toUpperCase()};`)],
	['in named HTML entities', (token) => token.replace(/[-"\\/>]/g, (one) => NAMED[one] ?? one)],
];

describe.each([TOKEN, STRANGE_TOKEN])('the token %j in what a server writes', (token) => {
	test.each(FORMS)('is hidden %s', async (_name, write) => {
		const form = write(token);
		const { description, stored } = await refusal(`before ${form} after`, token);
		expect(description).toContain('Dibby says: "before [token] after". ');
		for (const hidden of [form, json(form)]) expect(stored).not.toContain(hidden);
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
	suite.sandbox.failOn('POST', { status: 403, body }, 2);
	const { items } = await engine.run(
		echo({ options: { requestsAtOnce: 1 } }, { onError: 'continueRegularOutput' }),
		{ items: [{ json: {} }, { json: {} }] },
	);
	expect(items[1]?.json.error).toMatchObject({
		description: expect.stringContaining('Dibby says: "no [token]".') as string,
	});
});

describe('a secret where a long text is cut', () => {
	test.each([
		['white space', `a${' '.repeat(11_985)}`],
		['content', `${'A'.repeat(11_989)} `],
		['much white space', `a${' '.repeat(13_900)}`],
	])('after %s is never shown in part', async (_what, before) => {
		for (const shift of [0, 5, 10, 15, 20]) {
			const { stored } = await refusal(`${before.slice(shift)}${TOKEN}${' word'.repeat(1_000)}`);
			expect(stored).not.toMatch(/tok-0/);
		}
	});

	test('at the end of the quote is hidden whole', async () => {
		const { description } = await refusal(`${'word '.repeat(118)}${TOKEN}`);
		expect(description).toContain(`Dibby says: "${'word '.repeat(118)}[token]`);
	});
});

describe('long runs of characters in a quote', () => {
	const content = Buffer.from(
		'%PDF-1.7 \u00e2\u00e3 1 0 obj <</Type /Catalog>> endobj, some more of it',
	).toString('base64');

	test.each([
		['45 characters of base64', content.slice(0, 45), '[…]'],
		['60 characters of base64', content.slice(0, 60), '[…]'],
		['79 characters of base64', content.slice(0, 79), '[…]'],
		['lines of 76 characters', `${content.slice(0, 76)}\n${content.slice(0, 76)}`, '[…] […]'],
		['a data URI', `data:application/pdf;base64,${content}`, 'data:application/pdf;base64,[…]'],
		['zeros', 'A'.repeat(60), '[…]'],
		['hexadecimal', Buffer.from(content).toString('hex'), '[…]'],
		['URL-encoded base64', encodeURIComponent(`${content}+/${content}`), '[…]'],
		['two IDs', '11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222', '[…]'],
	])('hides %s', async (_what, text, shown) => {
		const { description } = await refusal(`before ${text} after`);
		expect(description).toContain(`Dibby says: "before ${shown} after". `);
	});

	test.each([
		'run_1b4e28ba-2fa1-11d2-883f-0016d3cca427',
		'missing_required_input_for_the_start_node_of_the_workflow',
		'TheWorkflowsStartNodeDoesNotAcceptThisDocument',
		'//docs.example/errors/the-start-node-needs/another-document',
		'{"id":"run_77","status":"PENDING","output":null,"steps":2,"stepsCompleted":0}',
		'文書の形式が正しくありません。開始ノードに指定された名前と種類を確認してから、もう一度実行してください。',
		'-'.repeat(60),
	])('keeps the words %j', async (text) => {
		const { description } = await refusal(`before ${text} after`);
		expect(description).toContain(`before ${text} after`);
	});
});

test('a text of any kind takes linear time', () => {
	const redact = new Redactor();
	for (const token of [TOKEN, STRANGE_TOKEN, '\\'.repeat(40), '\\-'.repeat(40), '&;%'.repeat(40)]) {
		redact.hide(token);
	}
	const escapes = ['\\', '\\-', '%5c', '&#92;', '&amp;'];
	const units = [...escapes, ' ', '=', 'a', 'aA', 'tok-', '\u0130', '.a', '"'];
	for (const unit of units) {
		const start = performance.now();
		redact.id(unit.repeat(200_000));
		redact.quote(`${unit.repeat(5_000_000 / unit.length)}x`);
		const isQuick = performance.now() - start < 5_000;
		expect({ unit, isQuick }).toEqual({ unit, isQuick: true });
	}
});

test('a server that calls a run by the token puts it into no error, no log and no list', async () => {
	const log = watchLog();
	const body = JSON.stringify({ id: `run_${TOKEN}`, status: 'PENDING' });
	suite.sandbox.failOn('POST', { status: 200, body });
	const { error, stored } = await suite.engine.run(echo());
	log.restore();
	expect(error?.description).toMatch(/^Dibby says: "{"id":"run_\[token\]".* may have been started/);
	expect(stored).not.toContain(TOKEN);
	expect(log.lines('info').join()).not.toContain(TOKEN);
});

test.each(['t', 'o', '[', 'token', '[token]'])('the token %j leaves words whole', async (token) => {
	const { description, stored } = await refusal('not to show', token);
	const words = /^Dibby says: "(.*?)"\. /.exec(description)?.[1] ?? '';
	const rest = words.replaceAll('[token]', '');
	expect(rest).toMatch(/^[a-z ]+$/);
	expect(stored).not.toContain('[[token]');
});

// n8n would leave out the character, so that the server could show a token that nobody hides.
test.each([
	...['to\u200bken-0123456789', 'to\nken-0123456789'],
	...['тoken-0123456789', '“token”', 'half-\ud800-token'],
])('the odd token %j is refused, and nothing is sent', async (token) => {
	const { message } = await refusal('no', token);
	expect(message).toBe("'Token' contains a character that isn't allowed");
	expect(suite.sandbox.requests).toHaveLength(0);
});

test('half of a character in the text throws nothing', async () => {
	const { message, description } = await refusal('{"message":"half \\ud800 gone"}');
	expect(message).toBe('Dibby denied access with this token');
	expect(description).toMatch(/^Dibby says: "half . gone"\. /u);
});

test('the cut of a long text leaves no half of a character', async () => {
	const { description } = await refusal(`${'word '.repeat(119)}abcd😀😀😀`);
	expect(description).toContain('…');
	expect(description).not.toMatch(LONE_SURROGATE);
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
	/** Waits in vain for a run with this status; everything that could be seen of it. */
	async function waitInVain(status: string, id = 'run_1') {
		suite.sandbox.failOn('GET', { status: 200, body: JSON.stringify({ id, status }) });
		const log = watchLog();
		const messages: unknown[] = [];
		const step = getRun(id, { waitForCompletion: true, timeLimit: 1 });
		const onMessage = (message: unknown) => messages.push(message);
		const { error, stored } = await suite.engine.run(step, { onMessage });
		log.restore();
		const seen = [...log.lines('debug'), ...log.lines('info'), JSON.stringify(messages), stored];
		expect(seen.join()).toContain(id);
		return { description: error?.description ?? '', seen: seen.join() };
	}

	test.each([
		['that contains the token', `waits for ${TOKEN}`, 'waits for [token]'],
		['that is on several lines', 'waits\r\n\tfor Bob', 'waits for Bob'],
	])('%s is shown without, in the error, the log and the editor', async (_what, status, shown) => {
		const { description, seen } = await waitInVain(status);
		expect(description).toContain(`Its last known status is ${shown}. `);
		expect(seen).not.toContain(TOKEN);
	});

	test('that is long is cut', async () => {
		const { description, seen } = await waitInVain('waits for Bob '.repeat(150));
		expect(description).toMatch(/status is waits for Bob waits [^…]{0,90}…\. To get the/);
		expect(seen).not.toContain('waits for Bob '.repeat(10));
	});

	test('comes with a run ID of 120 characters as a whole', async () => {
		const id = `run_${'a1B2'.repeat(29)}`;
		const { description } = await waitInVain('RUNNING', id);
		expect(description).toContain(`with the ID ${id} again`);
	});
});
