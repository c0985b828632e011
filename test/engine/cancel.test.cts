import { readdirSync, readlinkSync } from 'node:fs';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startEngine } from '../support/engine.cts';
import type { Job, Step } from '../support/engine.cts';
import { document, echo, numbers, triggerRun } from '../support/jobs.cts';
import { storage, storeFile } from '../support/n8n.cts';
import { socketsTo, until, untilQuiet } from '../support/patience.cts';
import { TOKEN, useSuite } from '../support/suite.cts';

// These tests run on the real clock: what they show is that everything stops.
const suite = useSuite({ advance: 'time', stepMs: 60_000 });
beforeEach(() => suite.clock.restore());

const requests = () => suite.sandbox.requests.length;
const openSockets = () => socketsTo(suite.sandbox.url);

/** The files below n8n's binary storage that this process has open. */
function openFiles(): string[] {
	return readdirSync('/proc/self/fd').flatMap((fd) => {
		try {
			const path = readlinkSync(`/proc/self/fd/${fd}`);
			return path.includes('binary_data') ? [path] : [];
		} catch {
			return [];
		}
	});
}

/** Starts a step and cancels the execution when the condition is met; gives what it came to. */
async function cancelWhen(step: Step, condition: () => boolean, job: Job = {}) {
	let cancel: () => void = () => {};
	const onStart: Job['onStart'] = (execution) => (cancel = execution.cancel);
	const running = suite.engine.run(step, { ...job, onStart });
	await until(condition);
	cancel();
	return await running;
}

const digest = triggerRun(WORKFLOWS.digest.id, document('document'));
const itemOf = async (bytes: number) => ({
	items: [{ json: {}, binary: { data: await storeFile(Buffer.alloc(bytes, 'x')) } }],
});

test('cancelling while waiting ends it at once: no further poll, no timer', async () => {
	const step = echo({ waitForCompletion: true, options: { pollInterval: 0.2 } });
	await cancelWhen(step, () => requests() >= 2);
	await untilQuiet(requests, 500);
	expect(openSockets()).toEqual([]);
});

test('cancelling during an upload closes the socket and the file, and says that no run was started', async () => {
	// The server takes the first bytes and no more, so that the upload stands still.
	suite.sandbox.failOn('POST', { kind: 'stall' });
	const isUploading = () => openFiles().length > 0 && openSockets().length === 1;
	const job = await itemOf(64 * 1024 * 1024);
	const { error } = await cancelWhen(digest, () => requests() === 1 && isUploading(), job);
	await until(() => openFiles().length === 0);
	// The server, which reads nothing, still has its end of the connection.
	await until(() => openSockets().length === 0);
	expect(error?.description ?? '').not.toContain('may also have been started');
});

test('cancelling while n8n opens a file closes it, and sends nothing', async () => {
	const open = storage.getAsStream.bind(storage);
	let cancel: () => void = () => {};
	let opened = 0;
	storage.getAsStream = async (...given) => {
		const file = await open(...given);
		opened++;
		cancel();
		return file;
	};
	const onStart: Job['onStart'] = (execution) => (cancel = execution.cancel);
	await suite.engine.run(digest, { ...(await itemOf(100_000)), onStart });
	expect(opened).toBe(1);
	await until(() => openFiles().length === 0);
	expect(requests()).toBe(0);
});

test('a request that n8n refuses to make closes the file', async () => {
	const allowed = { allowedHttpRequestDomains: 'domains', allowedDomains: 'other.example' };
	const data = { token: TOKEN, baseUrl: suite.sandbox.url, ...allowed };
	const limited = await startEngine({ ...data, credential: () => data });
	const { error } = await limited.run(digest, await itemOf(100_000));
	expect(error?.outcomeUnknown).toBe(false);
	await until(() => openFiles().length === 0);
	expect(requests()).toBe(0);
});

test('cancelling while an answer drips in closes the socket', async () => {
	suite.sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 50 });
	await cancelWhen(echo(), () => suite.sandbox.inFlight === 1 && requests() === 1);
	await until(() => suite.sandbox.openSockets === 0);
});

test('items that wait for their turn are not started after it', async () => {
	suite.sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 20 });
	const step = echo({ options: { requestsAtOnce: 2 } });
	await cancelWhen(step, () => requests() === 2, { items: numbers(10) });
	expect(await untilQuiet(requests, 100)).toBe(2);
});

test("a cancelled execution keeps the run's ID in its data", async () => {
	const isPolled = () => suite.sandbox.requests.some(({ method }) => method === 'GET');
	const { run } = await cancelWhen(echo({ waitForCompletion: true }), isPolled);
	const [runId] = suite.sandbox.runIds;
	expect(run.status).toBe('canceled');
	expect(JSON.stringify(run.data.executionData?.contextData)).toContain(runId);
	expect(run.data.resultData.metadata).toEqual({ dibbyRunId: runId });
});

test('cancelling during a start says for every item that a run may have been started', async () => {
	suite.sandbox.failOn('POST', { kind: 'hang' });
	const { error } = await cancelWhen(echo(), () => requests() === 2, { items: numbers(2) });
	expect(error?.description).toContain('A run may also have been started for item 0, item 1.');
});
