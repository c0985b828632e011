import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BinaryDataService } from 'n8n-core';

import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startEngine } from '../support/engine.cts';
import type { Engine, JobResult, Step } from '../support/engine.cts';
import { document, echo, triggerRun } from '../support/jobs.cts';
import { Container } from '../support/n8n.cts';
import { until, untilQuiet } from '../support/patience.cts';
import { TOKEN } from '../support/suite.cts';

// These tests run on the real clock: what they show is that everything stops.
let sandbox: Sandbox;
let engine: Engine;
let folder: string;

/** The node's ends of connections to the sandbox. */
function openSockets(): Socket[] {
	const port = Number(new URL(sandbox.url).port);
	// Node.js counts open sockets for everybody to see, and shows which they are in this way only.
	const { _getActiveHandles: handles } = process as unknown as {
		_getActiveHandles: () => unknown[];
	};
	return handles().filter(
		(handle): handle is Socket => handle instanceof Socket && handle.remotePort === port,
	);
}

beforeEach(async () => {
	sandbox = await startSandbox({ token: TOKEN, stepMs: 60_000 });
	engine = await startEngine({ token: TOKEN, baseUrl: sandbox.url });
	folder = mkdtempSync(join(tmpdir(), 'dibby-cancel-'));
});
afterEach(async () => {
	await sandbox.close();
	rmSync(folder, { recursive: true });
});

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

/** Starts a job and cancels it when the condition is met; gives what it came to. */
async function cancelWhen(
	steps: Step[],
	condition: () => boolean,
	items?: object[],
): Promise<JobResult> {
	let cancel: () => void = () => {};
	const running = engine.run(steps, {
		items: items as never,
		onStart: (execution) => (cancel = execution.cancel),
	});
	await until(condition);
	cancel();
	return await running;
}

const readAndDigest = (path: string): Step[] => [
	{ type: 'readFile', parameters: { fileSelector: path } },
	triggerRun(WORKFLOWS.digest.id, document('document')),
];

test('cancelling while waiting ends it at once: no further poll, no timer', async () => {
	const steps = [echo({ waitForCompletion: true, options: { pollInterval: 0.2 } })];
	await cancelWhen(steps, () => sandbox.requests.length >= 2);
	await untilQuiet(() => sandbox.requests.length, 500);
	expect(openSockets()).toEqual([]);
});

test('cancelling during an upload closes the socket and the file', async () => {
	const path = join(folder, 'large.bin');
	writeFileSync(path, randomBytes(64 * 1024 * 1024));
	// The server takes the first bytes and no more, so that the upload stands still.
	sandbox.failOn('POST', { kind: 'stall' });
	const isUploading = () => openFiles().length > 0 && openSockets().length === 1;
	await cancelWhen(readAndDigest(path), () => sandbox.requests.length === 1 && isUploading());
	await until(() => openFiles().length === 0);
	// The server, which reads nothing, still has its end of the connection.
	await until(() => openSockets().length === 0);
});

test('cancelling while n8n opens a file closes it, and sends nothing', async () => {
	const path = join(folder, 'small.bin');
	writeFileSync(path, randomBytes(100_000));
	const service = Container.get(BinaryDataService);
	const openFile = service.getAsStream.bind(service);
	let cancel: () => void = () => {};
	const opening = jest.spyOn(service, 'getAsStream').mockImplementation(async (...given) => {
		const file = await openFile(...given);
		cancel();
		return file;
	});
	await engine.run(readAndDigest(path), { onStart: (execution) => (cancel = execution.cancel) });
	expect(opening).toHaveBeenCalledTimes(1);
	opening.mockRestore();
	await until(() => openFiles().length === 0);
	expect(sandbox.requests).toEqual([]);
});

test('a request that n8n refuses to make closes the file', async () => {
	const path = join(folder, 'small.bin');
	writeFileSync(path, randomBytes(100_000));
	const { url: baseUrl } = sandbox;
	const limited = await startEngine({
		token: TOKEN,
		baseUrl,
		credential: () => ({
			token: TOKEN,
			baseUrl,
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'other.example',
		}),
	});
	const { error } = await limited.run(readAndDigest(path));
	expect(error?.outcomeUnknown).toBe(false);
	await until(() => openFiles().length === 0);
	expect(sandbox.requests).toEqual([]);
});

test('cancelling while an answer drips in closes the socket', async () => {
	sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 50 });
	const steps = [echo()];
	await cancelWhen(steps, () => sandbox.inFlight === 1 && sandbox.requests.length === 1);
	await until(() => sandbox.openSockets === 0);
});

test('items that wait for their turn are not started after it', async () => {
	sandbox.failOn('POST', { kind: 'slowBody', byteEveryMs: 20 });
	const steps = [echo({ options: { requestsAtOnce: 2 } })];
	const items = Array.from({ length: 10 }, () => ({ json: {} }));
	await cancelWhen(steps, () => sandbox.requests.length === 2, items);
	expect(await untilQuiet(() => sandbox.requests.length, 100)).toBe(2);
});

test("a cancelled execution keeps the run's ID in its data", async () => {
	const steps = [echo({ waitForCompletion: true })];
	const result = await cancelWhen(steps, () =>
		sandbox.requests.some(({ method }) => method === 'GET'),
	);
	const [runId] = sandbox.runIds;
	expect(result.run.status).toBe('canceled');
	expect(JSON.stringify(result.run.data.executionData?.contextData)).toContain(runId);
	expect(result.run.data.resultData.metadata).toEqual({ dibbyRunId: runId });
});
