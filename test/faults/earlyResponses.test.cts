import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { startEngine } from '../support/engine.cts';
import { document, triggerRun } from '../support/jobs.cts';
import { useBinaryMode } from '../support/n8n.cts';

// Servers and gateways may respond before they have read the whole request. Nobody can have accepted half of one.
const WORKFLOW = '1b4e28ba-2fa1-11d2-883f-0016d3cca427';
const BYTES = 40 * 1024 * 1024;

let clock: SimulatedClock;
beforeEach(() => {
	clock = simulateClock();
});
afterEach(() => clock.restore());

/** Uploads a large file to a server that responds after the first bytes. */
async function upload(head: string, after: (socket: Socket) => void) {
	let connections = 0;
	const server = createServer((socket) => {
		connections++;
		socket.on('error', () => {});
		socket.once('data', () => {
			socket.pause();
			socket.write(`HTTP/1.1 ${head}\r\n\r\n`, () => after(socket));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	try {
		const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
		const engine = await startEngine({ token: 'secret', baseUrl });
		const service = await useBinaryMode('filesystem');
		const location = { type: 'execution' as const, workflowId: 'test', executionId: '1' };
		const stored = await service.store(location, Buffer.alloc(BYTES), {
			data: '',
			mimeType: 'application/pdf',
		});
		const { error } = await engine.run(
			triggerRun(WORKFLOW, { ...document('scan'), requestOptions: { timeout: 3_000 } }),
			{ items: [{ json: {}, binary: { data: stored } }] },
		);
		return { error, connections };
	} finally {
		server.close();
	}
}

const LATER_MS = 200;
const ENDINGS: Array<[string, (socket: Socket) => void]> = [
	['keeps the connection open', () => {}],
	['closes the connection', (socket) => void socket.end()],
	['resets the connection', (socket) => void setTimeout(() => socket.resetAndDestroy(), LATER_MS)],
];

test.each(ENDINGS)('HTTP 413 is told as size if the server then %s', async (_how, after) => {
	const { error, connections } = await upload('413 Payload Too Large\r\nContent-Length: 0', after);
	expect(error?.message).toBe('The documents are too large for Dibby');
	expect(error?.description).toMatch(/^No run was started\. Send smaller or fewer files\./);
	expect(error?.outcomeUnknown).toBe(false);
	expect(connections).toBe(1);
});

test.each(ENDINGS)('HTTP 502 started no run if the server then %s', async (_how, after) => {
	const { error } = await upload('502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>', after);
	expect(error?.message).toBe("Dibby couldn't process the request (HTTP 502)");
	expect(error?.description).toBe('No run was started. Execute the node again later.');
	expect(error?.outcomeUnknown).toBe(false);
});
