import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** An answer in the making. A generator's output follows the fields piece by piece. */
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
