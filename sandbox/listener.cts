import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Takes connections on a port, and can stop and take them again. */
export class Listener {
	private readonly server;

	private readonly sockets = new Set<Socket>();

	constructor(
		onRequest: RequestListener,
		private readonly host: string,
	) {
		this.server = createServer(
			{
				// A large file over a slow line may take hours.
				requestTimeout: 0,
				// A client that polls rests longer than Node's five seconds, and must not find the connection closed.
				keepAliveTimeout: 0,
			},
			onRequest,
		);
		this.server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.once('close', () => this.sockets.delete(socket));
		});
	}

	get openSockets(): number {
		return this.sockets.size;
	}

	/**
	 * @param port 0 takes a free one
	 * @returns the port that it listens on
	 * @throws EADDRINUSE when the port is taken
	 */
	async listen(port: number): Promise<number> {
		this.server.listen(port, this.host);
		await once(this.server, 'listening');
		return (this.server.address() as AddressInfo).port;
	}

	/** Closes every connection, also those with a request under way. Does nothing when it has stopped already. */
	async stop(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.server.close(() => resolve());
			for (const socket of this.sockets) socket.destroy();
		});
	}
}
