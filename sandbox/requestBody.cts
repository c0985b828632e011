import type { IncomingMessage } from 'node:http';

import { receiveDocuments } from './document.cts';
import { refuse } from './reply.cts';
import type { Reply } from './reply.cts';
import type { RecordedRequest, SandboxOptions } from './types.cts';

/**
 * Reads a request's body to its end, even if it's invalid, because a client that still sends doesn't read the response.
 *
 * @returns the body's JSON, or an error response
 * @throws when the connection is lost
 */
export async function readBody(
	request: IncomingMessage,
	record: RecordedRequest,
	{ keepBodies }: SandboxOptions,
): Promise<{ json: unknown } | Reply> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) {
		chunks.push(chunk as Buffer);
		record.bodyBytes += (chunk as Buffer).length;
	}
	const body = Buffer.concat(chunks);
	if (keepBodies) record.rawBody = body.toString('utf8');
	try {
		const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
		return { json: receiveDocuments(JSON.parse(text)) };
	} catch (error) {
		return refuse(400, `The body can't be read: ${(error as Error).message}`);
	}
}
