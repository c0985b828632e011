import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startEngine } from '../support/engine.cts';
import type { Step } from '../support/engine.cts';
import { document, echo, fields, getRun, inMemoryFile, triggerRun } from '../support/jobs.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// What the texts of messages.test.cts don't show: quotes, hints, links, progress, and the data of an error.
const suite = useSuite();
const PDF = inMemoryFile('a scan', 'application/pdf');
const CONTINUE = { onError: 'continueRegularOutput' as const };
function respondWith(status: number, given: string | object) {
	const body = typeof given === 'string' ? given : JSON.stringify(given);
	suite.sandbox.failOn('any', { status, body });
}

async function errorOf(step: Step = echo(), item: Partial<INodeExecutionData> = {}) {
	const { error, items } = await suite.engine.run(step, { items: [{ json: {}, ...item }] });
	const { message, description = '' } = error ?? {};
	return { message, description, item: items[0]?.json };
}

describe('the quote of a response', () => {
	const deep = (open: string, close: string) =>
		`{"message":"deep","error":${open.repeat(20_000)}1${close.repeat(20_000)}}`;

	test.each([
		['{"message":"m"}', 'm'],
		['{"error":"e"}', 'e'],
		['{"errors":["a",{"message":"b"}]}', 'a; b'],
		[
			'{"message":"Invalid","errors":{"document":["is required","is no PDF"],"total":"no number"}}',
			'Invalid; document: is required; document: is no PDF; total: no number',
		],
		['{"detail":[{"message":"d"}]}', 'd'],
		['plain words', 'plain words'],
		['null', 'null'],
		[deep('{"error":', '}'), 'deep'],
		[deep('{"errors":{"a":', '}}'), 'deep'],
		[deep('[', ']'), 'deep'],
	])('%.99s has the words %s', async (body, words) => {
		respondWith(400, body);
		expect((await errorOf()).description).toContain(`Dibby says: "${words}"`);
	});

	test.each(['', '{}', ' { } ', '[]', '[ ]', '\n<html>words</html>'])(
		'%j is left out, because it tells the user nothing',
		async (body) => {
			respondWith(418, body);
			expect((await errorOf()).description).toBe(
				"No run was started by this request. Check 'Base URL' in the Dibby API credential and the parameters of the node.",
			);
		},
	);

	test('is shortened', async () => {
		respondWith(403, ` ${'word\n\n'.repeat(1000)}`);
		const { description } = await errorOf();
		expect(description.slice(0, 614)).toBe(`Dibby says: "${'word '.repeat(121).slice(0, 600)}…`);
	});

	test.each([
		...['{"message":"Run started","data":{"id":"run_77"}}', '[{"id":"run_77"}]'],
		...['{"id":77}', '{"id":"","status":"PENDING"}'],
	])("shows what %s has of the run's ID, though it isn't a run", async (body) => {
		respondWith(200, body);
		expect((await errorOf()).description).toContain(
			`Dibby says: "${body}". A run may have been started`,
		);
		expect(suite.sandbox.requests).toHaveLength(1);
	});

	test("contains neither the token nor content, and n8n's stored data doesn't either", async () => {
		const file = inMemoryFile('content that must not be shown '.repeat(10), 'application/pdf');
		respondWith(400, { message: `Bad token ${TOKEN}, bad data:a/pdf;base64,${file.data}` });
		const items = [{ json: {}, binary: { data: file } }];
		const { error, stored } = await suite.engine.run(echo(document('x')), { items });
		expect(error?.description).toContain('Bad token [token], bad data:a/pdf;base64,[…]');
		expect(stored).not.toContain(TOKEN);
		const withoutInput = stored.replaceAll(JSON.stringify(file), '');
		expect(withoutInput).not.toContain(file.data.slice(0, 40));
	});
});

describe('rejected inputs', () => {
	test('are listed with their types', async () => {
		respondWith(422, '');
		const list = triggerRun(WORKFLOWS.echo.id, {
			...fields(
				{ name: 't', type: 'string', value: 'x' },
				{ name: 'b', type: 'boolean', value: true },
			),
			...document('all', '*', 'list'),
		});
		const binary = { a: PDF, b: inMemoryFile('text', 'text/plain') };
		expect((await errorOf(list, { binary })).description).toContain(
			'Sent: t (string), b (boolean), all (list of documents: 6 bytes of application/pdf, 4 bytes of text/plain).',
		);
		expect((await errorOf()).description).toContain('Sent: no inputs.');
	});

	/** The hints between what to check and what was sent. */
	async function hintsFor(text: string, json: object, binary: object = {}, rows: object[] = []) {
		respondWith(422, text);
		const item = { json, binary } as INodeExecutionData;
		const { description } = await errorOf(echo({ documents: { rows } as never }), item);
		return /exactly\. (.*)Sent: /s.exec(description)?.[1]?.trim();
	}

	test.each([
		['Missing: invoice', 'Invoice', 'invoice'],
		['{"errors":{"vendorName":"missing"}}', 'vendor name', 'vendorName'],
		['Unknown input Invoice, expected invoice', 'Invoice', ''],
		['Invoice: unknown input "invoice"', 'invoice', ''],
		['needs "a.b"', 'A.B ', 'a.b'],
		['needs in-voice/1 (new)', 'In-Voice/1 (new)', 'in-voice/1 (new)'],
		[TOKEN.toUpperCase(), TOKEN, '[token]'],
		['invoice is missing', 'invoice', ''],
		['invoices are missing', 'Invoice', ''],
		['Missing: total', 'Invoice', ''],
		['Anything', ' ', ''],
	])('the text %j with the input %j hints at %j', async (text, name, mentioned) => {
		const hint = `Dibby mentions '${mentioned}', but the input is named '${name}'.`;
		expect(await hintsFor(text, { [name]: 1 })).toBe(mentioned === '' ? '' : hint);
	});

	test.each<[string[], string[], string]>([
		[['a'], [], "The item has a file in 'a'. Add it under 'Documents'."],
		[['a', 'b'], [], "The item has files in 'a', 'b'. Add them under 'Documents'."],
		[['a', 'b', 'c', 'd'], [], "The item has files in 'a', 'b', 'c'. Add them under 'Documents'."],
		[['a', 'b'], ['a'], "The item has a file in 'b'. Add it under 'Documents'."],
		[['a', 'f0', 'f1'], ['f*'], "The item has a file in 'a'. Add it under 'Documents'."],
		[['a', 'b'], ['a', 'b'], ''],
		[['a', 'b'], ['*'], ''],
		[[], [], ''],
	])('of the files %j, with rows for %j, the others are named', async (names, wanted, hint) => {
		const files = names.map((name) => [name, inMemoryFile(name, 'application/pdf')]);
		const binary = Object.fromEntries(files) as object;
		const rows = wanted.flatMap((field, n) => document(`x${n}`, field, 'list').documents.rows);
		expect(await hintsFor('', {}, binary, rows)).toBe(hint);
	});

	test('a long text and many names take little time', async () => {
		const names = Array.from({ length: 10_000 }, (_, n) => [`a${' '.repeat(n % 50)}${n}`, 1]);
		const start = performance.now();
		await hintsFor('a \n'.repeat(1_000_000), Object.fromEntries(names) as object);
		expect(performance.now() - start).toBeLessThan(10_000);
	});
});

test('a Base URL with trailing slashes and white space around it works', async () => {
	const engine = await startEngine({ token: ` ${TOKEN} `, baseUrl: ` ${suite.sandbox.url}/// ` });
	expect((await engine.run(echo())).error).toBeUndefined();
});

describe('a run that failed', () => {
	const RUN = { id: 'run_1', status: 'FAILED' };
	test.each([
		[{ steps: 5 }, ''],
		[{ stepsCompleted: 2 }, ''],
		[{ message: 'no text' }, 'no text'],
		[{ output: { message: 'in the output' }, error: 'not this' }, 'in the output'],
		[{ output: null }, ''],
		[{ output: {}, error: 'blank' }, 'blank'],
		[{ output: { total: 1 }, errors: ['no date'] }, 'no date'],
		[{ output: null, detail: 'no page' }, 'no page'],
	])('%j', async (run, words) => {
		respondWith(200, { ...RUN, ...run });
		const { message, description } = await errorOf(getRun('run_1', { waitForCompletion: true }));
		expect(message).toBe('The Dibby run failed');
		const quote = words === '' ? '' : `Dibby says: "${words}". `;
		expect(description.startsWith(`${quote}Open the run run_1 in Dibby to see`)).toBe(true);
	});

	const page =
		'https://dibby.ai/application/11111111-1111-4111-8111-111111111111/workflow/22222222-2222-4222-8222-222222222222';
	const failing = (value: string, node = {}) =>
		echo({ workflow: { __rl: true, mode: 'url', value }, waitForCompletion: true }, node);

	test("links its workflow's page, and has it as plain text in the item that stands for the error", async () => {
		respondWith(200, RUN);
		expect((await errorOf(failing(` ${page}/edit?"><b>x `))).description).toMatch(
			`Open the run run_1 in Dibby (<a href="${page}" target="_blank">${page}</a>) to see which`,
		);
		const { item } = await errorOf(failing(page, CONTINUE));
		expect((item?.error as IDataObject).description).toContain(`in Dibby (${page}) to see`);
	});
});

test('a run reports its progress whenever it changes', async () => {
	const messages: unknown[] = [];
	const seen: Array<[run: object, told: string[]]> = [
		[{ status: 'PENDING' }, []],
		[{ status: 'RUNNING', steps: 3 }, ['RUNNING']],
		[{ status: 'RUNNING', stepsCompleted: 1 }, []],
		[{ status: 'RUNNING', steps: 3, stepsCompleted: 1 }, ['RUNNING, 1 of 3 steps']],
		[{ status: 7, steps: 3, stepsCompleted: 2 }, ['unknown, 2 of 3 steps']],
		[{ status: 'FINISHED' }, ['FINISHED']],
	];
	suite.sandbox.setFaults(
		seen.map(([run], index) => {
			const body = JSON.stringify({ id: 'run_1', ...run });
			return { on: 'GET', nth: index + 1, fault: { status: 200, body } };
		}),
	);
	await suite.engine.run(getRun('run_1', { waitForCompletion: true }), {
		onMessage: (message) => messages.push(message),
	});
	const told = [...JSON.stringify(messages).matchAll(/Dibby run run_1: ([^"\\]+)/g)];
	expect(told.map(([, words]) => words)).toEqual(seen.flatMap(([, words]) => words));
});

test("the item that stands for an error about its inputs has a message that doesn't name it", async () => {
	const json = { specifyInputs: 'json', jsonInputs: '={{ $json.inputs }}' };
	const { items } = await suite.engine.run(echo(json, CONTINUE), {
		items: [{ json: { inputs: {} } }, { json: { inputs: 5 } }],
	});
	const message = 'The inputs must be a JSON object, but the value is: number';
	const description = expect.stringMatching(/\w/) as string;
	expect(items[1]?.json).toEqual({ message, error: { message, description, dibbyRunId: null } });
});

const sameServer = (path: string) => `another path on the same server (${path})`;
test.each<[location: string, where: string]>([
	['/login?next=%2Fapi', sameServer('/login')],
	['elsewhere', sameServer('/api/elsewhere')],
	['ORIGIN/v2/runs', sameServer('/v2/runs')],
	['https://elsewhere.example/api/runs', 'https://elsewhere.example'],
	['//elsewhere.example/api/runs', 'http://elsewhere.example'],
	['http://127.0.0.1:1/api/runs', 'http://127.0.0.1:1'],
	['', 'another URL'],
	['http://[', 'another URL'],
	['javascript:alert(1)', 'another URL'],
])('a redirect to %j says where', async (given, target) => {
	const headers = { location: given.replace('ORIGIN', new URL(suite.sandbox.url).origin) };
	const where = `The redirect points to ${target}. `;
	suite.sandbox.failOn('any', { status: 302, headers, body: '' });
	const { description } = await errorOf();
	expect(description).toMatch(/^A run may have been started\./);
	expect(description).toContain(`because you pay for every run. ${where}`);
	expect((await errorOf(getRun('run_1'))).description.startsWith(where)).toBe(true);
	suite.sandbox.failOn('any', { status: 307, headers, body: '' });
	const notStarted = `No run was started by this request. ${where}`;
	expect((await errorOf()).description.startsWith(notStarted)).toBe(true);
});
