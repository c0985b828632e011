import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import type { IBinaryData } from 'n8n-workflow';

import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { dibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLike } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import type { Engine } from '../support/engine.cts';
import { getRun } from '../support/jobs.cts';
import { Container } from '../support/n8n.cts';
import type { BinaryMode } from '../support/n8n.cts';

// The server is one of these tests alone: what it answers must come in the pieces that a test wants.
const RUN_ID = 'run_of_documents';
const content = randomBytes(1_000_003);
const uri = `data:application/pdf;base64,${content.toString('base64')}`;
const good = JSON.stringify({
	id: RUN_ID,
	status: 'FINISHED',
	output: { report: uri, list: [{ page: uri }] },
});
const half = good.slice(0, good.length / 3);

let server: DibbyLike;
let engine: Engine;
let clock: SimulatedClock;
let answer: (response: ServerResponse) => void;

async function start(binaryMode: BinaryMode = 'filesystem'): Promise<void> {
	engine = await startEngine({ token: 'token', baseUrl: server.url, binaryMode });
}

beforeEach(async () => {
	server = await dibbyLike((_request, response) => answer(response));
	answer = (response) => response.end(good);
	await start();
	clock = simulateClock();
});
afterEach(async () => {
	clock.restore();
	await server.close();
});

const get = async (onStart?: (execution: { cancel: () => void }) => void) =>
	await engine.run(
		getRun(RUN_ID, {
			output: 'output',
			waitForCompletion: true,
			requestOptions: { timeout: 5_000 },
		}),
		{ onStart },
	);

/** The documents that n8n's storage holds whole: the ones that it wrote its own note beside. */
function wholeFiles(): string[] {
	const { localStoragePath } = Container.get(BinaryDataConfig);
	const names = readdirSync(localStoragePath, { recursive: true }).map(String);
	return names.filter((name) => name.endsWith('.metadata'));
}

async function hashOf(file: IBinaryData | undefined): Promise<string> {
	const bytes = await Container.get(BinaryDataService).getAsBuffer(file as IBinaryData);
	return createHash('sha256').update(bytes).digest('hex');
}

test.each<[string, BinaryMode, (response: ServerResponse) => void]>([
	['stored by n8n', 'filesystem', (response) => response.end(good)],
	['kept by n8n in memory', 'default', (response) => response.end(good)],
	[
		'compressed on their way',
		'filesystem',
		(response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(good)),
	],
	[
		'in an answer whose status comes last',
		'filesystem',
		(response) =>
			response.end(
				JSON.stringify({
					id: RUN_ID,
					output: (JSON.parse(good) as { output: object }).output,
					status: 'FINISHED',
				}),
			),
	],
])('documents arrive byte for byte: %s', async (_name, mode, reply) => {
	await start(mode);
	answer = reply;
	const { items, error } = await get();
	expect(error).toBeUndefined();
	const reference = { mimeType: 'application/pdf', bytes: content.length };
	expect(items[0]?.json).toEqual({
		report: { ...reference, binaryField: 'report', fileName: 'report.pdf' },
		list: [{ page: { ...reference, binaryField: 'list_0_page', fileName: 'list_0_page.pdf' } }],
	});
	const { report, list_0_page: page } = items[0]?.binary ?? {};
	expect(report).toMatchObject({
		fileName: 'report.pdf',
		mimeType: 'application/pdf',
		fileType: 'pdf',
		fileExtension: 'pdf',
		fileSize: '1 MB',
	});
	if (page?.id !== undefined) {
		const noted = await Container.get(BinaryDataService).getMetadata(page.id);
		expect(noted).toMatchObject({ fileName: 'document.pdf', mimeType: 'application/pdf' });
	}
	const expected = createHash('sha256').update(content).digest('hex');
	expect([await hashOf(report), await hashOf(page)]).toEqual([expected, expected]);
	expect(server.seen).toHaveLength(1);
});

test('a text that only looked like a document for a while stays as it came, at the cost of a second request', async () => {
	const text = `${uri} and more`;
	answer = (response) =>
		response.end(JSON.stringify({ id: RUN_ID, status: 'FINISHED', output: { text, report: uri } }));
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(items[0]?.json.text).toBe(text);
	expect(Object.keys(items[0]?.binary ?? {})).toEqual(['report']);
	expect(server.seen).toHaveLength(2);
});

test('an answer that breaks off in a document is asked for again, and the half is nowhere', async () => {
	let count = 0;
	answer = (response) => {
		if (++count > 1) return void response.end(good);
		response.write(half);
		setTimeout(() => response.destroy(), 50);
	};
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(await hashOf(items[0]?.binary?.report)).toBe(
		createHash('sha256').update(content).digest('hex'),
	);
	expect(wholeFiles()).toHaveLength(2);
});

test('an answer that always breaks off in a document gives an error with the run, and no file', async () => {
	answer = (response) => {
		response.write(half);
		setTimeout(() => response.destroy(), 50);
	};
	const { items, error } = await get();
	expect(error).toMatchObject({ message: "Dibby's response was cut off", runId: RUN_ID });
	expect(items).toEqual([]);
	expect(wholeFiles()).toEqual([]);
});

test('a document without end gives an error with the run when the time is up, and no file', async () => {
	answer = (response) => {
		response.write(half);
		const timer = setInterval(() => response.write('A'.repeat(1_000)), 10);
		response.once('close', () => clearInterval(timer));
	};
	engine = await startEngine({ token: 'token', baseUrl: server.url });
	const { items, error } = await engine.run(getRun(RUN_ID, { requestOptions: { timeout: 300 } }));
	expect(error).toMatchObject({ message: "Dibby didn't respond in time", runId: RUN_ID });
	expect(items).toEqual([]);
	expect(wholeFiles()).toEqual([]);
});

test('cancelling in the middle of a document stops everything within 100 ms', async () => {
	let cancel: () => void = () => {};
	const begun = new Promise<void>((resolve) => {
		answer = (response) => void response.write(half, () => setTimeout(resolve, 100));
	});
	const running = get((execution) => (cancel = execution.cancel));
	await begun;
	cancel();
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(server.openRequests).toBe(0);
	expect(wholeFiles()).toEqual([]);
	await running;
});

test('an error of the storage is the error of the item, and nothing is asked for again', async () => {
	const service = Container.get(BinaryDataService);
	const store = jest
		.spyOn(service, 'store')
		.mockRejectedValue(new Error('no space left on device'));
	const { error } = await get();
	store.mockRestore();
	expect(error?.message).toBe('The Dibby node stopped unexpectedly');
	expect(error?.description).toContain('no space left on device');
	expect(server.seen).toHaveLength(1);
});
