import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { BinaryDataConfig } from 'n8n-core';

import { useDibbyLike } from '../support/dibbyLike.cts';
import type { DibbyLikeSuite } from '../support/dibbyLike.cts';
import type { Job } from '../support/engine.cts';
import { startEngine } from '../support/engine.cts';
import { getRun, sha256, WAIT } from '../support/jobs.cts';
import { Container, contentOf, storage } from '../support/n8n.cts';
import type { BinaryMode } from '../support/n8n.cts';

// The server is one of these tests alone: what it answers must come in the pieces that a test wants.
const RUN_ID = 'run_of_documents';
const content = randomBytes(1_000_003);
const uri = `data:application/pdf;base64,${content.toString('base64')}`;
const output = { report: uri, list: [{ page: uri }] };
const good = JSON.stringify({ id: RUN_ID, status: 'FINISHED', output });
const half = good.slice(0, good.length / 3);

const suite = useDibbyLike();
beforeEach(() => {
	suite.answer = (response) => response.end(good);
});

async function get(job: Job = {}, parameters = {}, binaryMode: BinaryMode = 'filesystem') {
	const engine = await startEngine({ token: 'token', baseUrl: suite.server.url, binaryMode });
	return await engine.run(getRun(RUN_ID, { ...WAIT, ...parameters }), job);
}

/** Sends a third of the answer, and then breaks off. */
const breakOff: DibbyLikeSuite['answer'] = (response) => {
	response.write(half);
	setTimeout(() => response.destroy(), 50);
};

/** The documents that n8n's storage holds whole: the ones that it wrote its own note beside. */
function wholeFiles(): string[] {
	const { localStoragePath } = Container.get(BinaryDataConfig);
	const names = readdirSync(localStoragePath, { recursive: true }).map(String);
	return names.filter((name) => name.endsWith('.metadata'));
}

test.each<[string, BinaryMode, DibbyLikeSuite['answer']]>([
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
			response.end(good.replace('"status":"FINISHED",', '').replace(/}$/, ',"status":"FINISHED"}')),
	],
])('documents arrive byte for byte: %s', async (_name, mode, reply) => {
	suite.answer = reply;
	const { items, error } = await get({}, {}, mode);
	expect(error).toBeUndefined();
	const reference = { mimeType: 'application/pdf', bytes: content.length };
	expect(items[0]?.json).toEqual({
		report: { ...reference, binaryField: 'report', fileName: 'report.pdf' },
		list: [{ page: { ...reference, binaryField: 'list_0_page', fileName: 'list_0_page.pdf' } }],
	});
	const { report, list_0_page: page } = items[0]?.binary ?? {};
	const type = { mimeType: 'application/pdf', fileType: 'pdf', fileExtension: 'pdf' };
	expect(report).toMatchObject({ ...type, fileName: 'report.pdf', fileSize: '1 MB' });
	if (page?.id !== undefined) {
		const noted = await storage.getMetadata(page.id);
		expect(noted).toMatchObject({ fileName: 'document.pdf', mimeType: 'application/pdf' });
	}
	for (const file of [report, page]) expect(sha256(await contentOf(file))).toBe(sha256(content));
	expect(suite.server.seen).toHaveLength(1);
});

test('a text that only looked like a document for a while stays as it came, at the cost of a second request', async () => {
	const text = `${uri} and more`;
	suite.answer = (response) =>
		response.end(JSON.stringify({ id: RUN_ID, status: 'FINISHED', output: { text, report: uri } }));
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(items[0]?.json.text).toBe(text);
	expect(Object.keys(items[0]?.binary ?? {})).toEqual(['report']);
	expect(suite.server.seen).toHaveLength(2);
});

test('an answer that breaks off in a document is asked for again, and the half is nowhere', async () => {
	let count = 0;
	suite.answer = (response, request) =>
		void (++count > 1 ? response.end(good) : breakOff(response, request));
	const { items, error } = await get();
	expect(error).toBeUndefined();
	expect(sha256(await contentOf(items[0]?.binary?.report))).toBe(sha256(content));
	expect(wholeFiles()).toHaveLength(2);
});

test.each<[string, string, DibbyLikeSuite['answer']]>([
	['that always breaks off in a document', "Dibby's response was cut off", breakOff],
	[
		'with a document without end',
		"Dibby didn't respond in time",
		(response) => {
			response.write(half);
			const timer = setInterval(() => response.write('A'.repeat(1_000)), 10);
			response.once('close', () => clearInterval(timer));
		},
	],
])('an answer %s gives an error with the run, and no file', async (_what, message, answer) => {
	suite.answer = answer;
	const given = { waitForCompletion: false, requestOptions: { timeout: 300 } };
	const { items, error } = await get({}, given);
	expect(error).toMatchObject({ message, runId: RUN_ID });
	expect(items).toEqual([]);
	expect(wholeFiles()).toEqual([]);
});

test('cancelling in the middle of a document stops everything within 100 ms', async () => {
	let cancel: () => void = () => {};
	const begun = new Promise<void>((resolve) => {
		suite.answer = (response) => void response.write(half, () => setTimeout(resolve, 100));
	});
	const running = get({ onStart: (execution) => (cancel = execution.cancel) });
	await begun;
	cancel();
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(suite.server.openRequests).toBe(0);
	expect(wholeFiles()).toEqual([]);
	await running;
});

test('an error of the storage is the error of the item, and nothing is asked for again', async () => {
	storage.store = async () => await Promise.reject(new Error('no space left on device'));
	const { error } = await get();
	Reflect.deleteProperty(storage, 'store');
	expect(error?.message).toBe('The Dibby node stopped unexpectedly');
	expect(error?.description).toContain('no space left on device');
	expect(error?.runId).toBe(RUN_ID);
	expect(suite.server.seen).toHaveLength(1);
});
