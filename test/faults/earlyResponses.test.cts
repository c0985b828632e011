import type { Socket } from 'node:net';

import { simulateClock } from '../support/clock.cts';
import type { SimulatedClock } from '../support/clock.cts';
import { withSocketServer } from '../support/dibbyLike.cts';
import { startEngine } from '../support/engine.cts';
import { document, echo } from '../support/jobs.cts';
import { storeFile } from '../support/n8n.cts';

// Servers and gateways may respond before they have read the whole request. Nobody can have accepted half of one.
let clock: SimulatedClock;
beforeEach(() => {
	clock = simulateClock();
});
afterEach(() => clock.restore());

/** Uploads a large file to a server that responds after the first bytes. */
async function upload(head: string, after: (socket: Socket) => void) {
	const onConnection = (socket: Socket) =>
		socket.once('data', () => {
			socket.pause();
			socket.write(`HTTP/1.1 ${head}\r\n\r\n`, () => after(socket));
		});
	return await withSocketServer(onConnection, async (port) => {
		const baseUrl = `http://127.0.0.1:${port}/api`;
		const engine = await startEngine({ token: 'secret', baseUrl });
		const binary = { data: await storeFile(Buffer.alloc(40 * 1024 * 1024)) };
		const step = echo({ ...document('scan'), requestOptions: { timeout: 3_000 } });
		return await engine.run(step, { items: [{ json: {}, binary }] });
	});
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
