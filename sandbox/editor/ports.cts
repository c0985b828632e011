import { createServer } from 'node:net';

const TRIES = 20;

/** A port on this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
	const port = await tryPort(0);
	if (port === undefined) throw new Error('The system gave no free port.');
	return port;
}

/** Whether nothing listens on a port. */
export async function isFree(port: number): Promise<boolean> {
	return (await tryPort(port)) !== undefined;
}

/** The first free one of a port and the 19 after it; undefined when all are taken. */
export async function freePortFrom(first: number): Promise<number | undefined> {
	for (let port = first; port < first + TRIES; port++) {
		if (await isFree(port)) return port;
	}
	return undefined;
}

async function tryPort(port: number): Promise<number | undefined> {
	return await new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
			else reject(error);
		});
		server.listen(port, '127.0.0.1', () => {
			const address = server.address();
			const got = typeof address === 'object' && address ? address.port : undefined;
			server.close(() => resolve(got));
		});
	});
}
