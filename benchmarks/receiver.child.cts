import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const MARK = ';base64,';
const sha256: string[] = [];

/** Decodes and hashes the document in a body. The sandbox, which parses all of the JSON, takes twice as long. */
async function hashDocument(request: IncomingMessage): Promise<string> {
	const hash = createHash('sha256');
	let text = '';
	let isInside = false;
	for await (const piece of request.setEncoding('latin1')) {
		text += String(piece);
		if (!isInside) {
			const mark = text.indexOf(MARK);
			if (mark === -1) continue;
			isInside = true;
			text = text.slice(mark + MARK.length);
		}
		const end = text.indexOf('"');
		const usable = end === -1 ? text.length - (text.length % 4) : end;
		hash.update(Buffer.from(text.slice(0, usable), 'base64'));
		text = text.slice(usable);
	}
	return hash.digest('hex');
}

const server = createServer((request, response) => {
	void hashDocument(request).then((digest) => {
		sha256.push(digest);
		response.writeHead(201, { 'content-type': 'application/json' });
		response.end('{"id":"run_1","status":"PENDING","output":null}');
	});
});
server.listen(0, '127.0.0.1', () => {
	const { port } = server.address() as AddressInfo;
	process.send?.({ url: `http://127.0.0.1:${port}/api`, token: 'bench' });
});
process.on('message', () => process.send?.(sha256));
process.on('disconnect', () => process.exit(0));
