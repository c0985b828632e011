import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** A response. If `output` is set, its pieces of JSON replace the body's `output: null`. */
export interface Reply {
	status: number;
	body: object;
	output?: Generator<string>;
}

export function refuse(status: number, message: string): Reply {
	return { status, body: { error: { message } } };
}

export async function send(
	response: ServerResponse,
	{ status, body, output }: Reply,
): Promise<void> {
	const text = JSON.stringify(body);
	response.writeHead(status, { 'content-type': 'application/json' });
	if (output === undefined) return void response.end(text);
	const pieces = function* () {
		yield text.replace(/null}$/, '');
		yield* output;
		yield '}';
	};
	await pipeline(pieces, response);
}
