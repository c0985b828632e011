import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server for tests that decide over every byte that it answers. */
export interface DibbyLike {
	url: string;
	/** The requests so far: method, path, and what they were authorized with. */
	seen: Array<{ method?: string; path?: string; authorization?: string }>;
	/** Requests that are neither answered nor broken off. */
	readonly openRequests: number;
	close: () => Promise<void>;
}

/** Starts such a server. */
export async function dibbyLike(
	answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<DibbyLike> {
	const seen: DibbyLike['seen'] = [];
	let openRequests = 0;
	const handle: RequestListener = (request, response) => {
		const { method, url: path, headers } = request;
		seen.push({ method, path, authorization: headers.authorization });
		openRequests++;
		response.once('close', () => openRequests--);
		request.resume().once('end', () => answer(request, response));
	};
	const server = createServer(handle);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
		seen,
		get openRequests() {
			return openRequests;
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
