import type { IncomingMessage } from 'node:http';

import { BodyReader } from './bodyReader.cts';
import type { ReadBody } from './bodyReader.cts';
import { refuse } from './reply.cts';
import type { Reply } from './reply.cts';
import type { RecordedRequest, SandboxOptions } from './types.cts';
import { workflowOf } from './workflows.cts';

/**
 * Reads the body of a request to its end, even when it is wrong or too large: who writes does not listen before.
 *
 * @returns the body, or the refusal of one that can't be read
 * @throws when the connection is lost
 */
export async function readBody(
	request: IncomingMessage,
	record: RecordedRequest,
	{ bodyLimit, keepBodies }: SandboxOptions,
): Promise<ReadBody | Reply> {
	const reader = new BodyReader((id) => workflowOf(id)?.readsDocuments === true);
	const kept: Buffer[] = [];
	let refusal: Reply | undefined;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		record.bodyBytes += chunk.length;
		if (keepBodies) kept.push(chunk);
		if (record.bodyBytes > bodyLimit) refusal = refuse(413, 'The request is too large');
		refusal ??= problemOf(() => reader.push(chunk));
	}
	if (keepBodies) record.rawBody = Buffer.concat(kept).toString('utf8');
	let body: ReadBody | undefined;
	refusal ??= problemOf(() => (body = reader.end()));
	return refusal ?? (body as ReadBody);
}

function problemOf(read: () => unknown): Reply | undefined {
	try {
		read();
		return undefined;
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return refuse(400, `The body can't be read: ${reason}`);
	}
}
