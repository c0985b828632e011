import type { IDataObject, INode } from 'n8n-workflow';

import { useDibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLikeSuite } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { echo } from '../support/jobs.cts';

// An incomplete response still has its status and the part of its text that arrived.
const STARTED = JSON.stringify({ id: 'run_1', status: 'PENDING', output: null });
const FINISHED = JSON.stringify({ id: 'run_1', status: 'FINISHED', output: { total: 5 } });

type Answer = DibbyLikeSuite['answer'];
const suite = useDibbyLike();

/** Starts a run. Dibby responds to each request with the next of these, and to later ones with the last. */
async function start(answers: Answer[], parameters: IDataObject = {}, node: Partial<INode> = {}) {
	let count = 0;
	suite.answer = (response, request) =>
		answers[Math.min(count++, answers.length - 1)]?.(response, request);
	const engine = await startEngine({ token: 'secret-token', baseUrl: suite.server.url });
	const given = { timeLimit: 0.2, output: 'output', ...parameters };
	const result = await engine.run(echo(given, node));
	return { ...result, methods: suite.server.seen.map(({ method }) => method) };
}

const whole =
	(status: number, text: string): Answer =>
	(response) =>
		void response.writeHead(status).end(text);

/** Sends less than it announces, and then resets the connection. */
const broken =
	(status: number, text: string): Answer =>
	(response, request) => {
		response.writeHead(status, { 'content-length': 1_000 }).write(text);
		setTimeout(() => request.socket.resetAndDestroy(), 20);
	};

/** Sends less than it announces, and keeps the connection open. */
const stuck =
	(status: number, text: string): Answer =>
	(response) =>
		void response.writeHead(status, { 'content-length': 1_000 }).write(text);

describe('a rejection that is cut off is still a rejection', () => {
	test.each([
		[400, 'Dibby rejected the inputs'],
		[401, 'Dibby rejected the token'],
		[404, "Dibby can't find this workflow"],
		[413, 'The documents are too large for Dibby'],
	])('HTTP %d', async (status, message) => {
		const { error, methods } = await start([broken(status, '{"message":"too')]);
		expect(error).toMatchObject({ message, outcomeUnknown: false });
		expect(methods).toEqual(['POST']);
	});

	test('that explains the reason is quoted', async () => {
		const { error } = await start([broken(400, '{"message":"total is missing"}')]);
		expect(error?.description).toContain('Dibby says: "total is missing"');
	});

	test('429 is retried after a pause', async () => {
		const { error, methods } = await start([broken(429, ''), whole(201, STARTED)]);
		expect(error).toBeUndefined();
		expect(methods).toEqual(['POST', 'POST']);
		expect(suite.clock.pauses).toHaveLength(1);
	});
});

describe.each([
	['is cut off', broken],
	['never ends', stuck],
])('a response that %s', (_how, spoilt) => {
	const parameters = { requestOptions: { timeout: 200 } };

	test("within the run is an error that quotes the run's ID", async () => {
		const { error } = await start([spoilt(201, STARTED.slice(0, 20))], parameters);
		expect(error?.message).toMatch(/, but a run may have been started$/);
		expect(error?.description).toContain('Dibby says: "{"id":"run_1","statu". A run may');
	});

	test('after the complete run is that run, to a start', async () => {
		const { error, items, methods } = await start([spoilt(201, STARTED)], parameters);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ id: 'run_1', status: 'PENDING' });
		expect(methods).toEqual(['POST']);
	});

	test.each([true, false])('and to a poll, with files: %s', async (documentsAsFiles) => {
		const { items, methods } = await start([whole(201, STARTED), spoilt(200, FINISHED)], {
			...parameters,
			waitForCompletion: true,
			options: { documentsAsFiles },
		});
		expect(items[0]?.json).toEqual({ total: 5 });
		expect(methods).toEqual(['POST', 'GET']);
	});
});

test('canceling after the complete run names it', async () => {
	let cancel = () => {};
	suite.answer = (response, request) => {
		stuck(201, STARTED)(response, request);
		setTimeout(() => cancel(), 100);
	};
	const engine = await startEngine({ token: 'secret-token', baseUrl: suite.server.url });
	const { error } = await engine.run(echo(), { onStart: (running) => (cancel = running.cancel) });
	expect(error?.description).toContain('item 0: run_1');
});

test('canceling while the credential is read sends nothing, and no run may exist', async () => {
	let cancel = () => {};
	const credential = () => {
		cancel();
		return { token: 'secret-token', baseUrl: suite.server.url };
	};
	const engine = await startEngine({ token: '', baseUrl: '', credential });
	const { error } = await engine.run(echo(), { onStart: (running) => (cancel = running.cancel) });
	expect(suite.server.seen).toEqual([]);
	// The error is n8n's own.
	expect(error?.description ?? '').toBe('');
});

test('a running run keeps its document, whatever happens until the time limit', async () => {
	const doc = `data:application/pdf;base64,${Buffer.alloc(100_000).toString('base64')}`;
	const running = JSON.stringify({ id: 'run_1', output: { doc }, status: 'RUNNING' });
	const { items } = await start([whole(201, STARTED), whole(200, running), whole(500, '')], {
		waitForCompletion: true,
		options: { whenTimeRunsOut: 'return' },
	});
	expect(items[0]?.json).toMatchObject({ status: 'RUNNING', output: { doc: { bytes: 100_000 } } });
});

test("a server that switches to another protocol doesn't block the node forever", async () => {
	const switched: Answer = (_response, request) =>
		void request.socket.write(
			'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
		);
	const { error, methods } = await start([switched], { requestOptions: { timeout: 100 } });
	expect(error?.message).toBe("Dibby didn't respond in time, but a run may have been started");
	expect(methods).toEqual(['POST']);
});

test('early hints before a response are ignored', async () => {
	const hinted: Answer = (response, request) => {
		response.writeEarlyHints({ link: '</a>; rel=preload' });
		whole(201, STARTED)(response, request);
	};
	const { error, items } = await start([hinted]);
	expect(error).toBeUndefined();
	expect(items[0]?.json.id).toBe('run_1');
});
