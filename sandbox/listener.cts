import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An HTTP server that can be stopped and started again. */
export class Listener {
	private readonly server;

	private readonly sockets = new Set<Socket>();

	constructor(
		onRequest: RequestListener,
		private readonly host: string,
	) {
		// A large upload can take hours, and a client that polls is idle for longer than the default of five seconds.
		this.server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, onRequest);
		this.server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.once('close', () => this.sockets.delete(socket));
		});
	}

	get openSockets(): number {
		return this.sockets.size;
	}

	/**
	 * @param port 0 for any free one
	 * @returns the port
	 * @throws EADDRINUSE if the port is taken
	 */
	async listen(port: number): Promise<number> {
		this.server.listen(port, this.host);
		await once(this.server, 'listening');
		return (this.server.address() as AddressInfo).port;
	}

	/** Closes all connections, even those with a pending request. Can be called again. */
	async stop(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.server.close(() => resolve());
			for (const socket of this.sockets) socket.destroy();
		});
	}
}
