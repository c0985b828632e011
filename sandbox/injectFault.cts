import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Fault } from './faults.cts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** What comes in the place of the response. */
const OTHER_TEXTS: Partial<Record<string, string>> = {
	notJson: 'this is not JSON',
	html: '<!doctype html><title>Gateway</title>',
	emptyBody: '',
	wrongShape: '{"data":[1,2,3]}',
};

/** The correct response, for faults that corrupt it. */
export interface GoodResponse {
	status: number;
	text: string;
}

/** Whether a fault replaces the handling of a request; otherwise it corrupts the response. */
export function failsBeforeHandling(fault: Fault): boolean {
	if ('status' in fault && !('kind' in fault)) return fault.taken !== true;
	return (
		'kind' in fault &&
		['resetBeforeRead', 'resetAfterFirstByte', 'hang', 'stall', 'redirect'].includes(fault.kind)
	);
}

/** Fails a request before it's handled. If there is a response, the body is read first, as most servers do. */
export async function failBeforeHandling(
	fault: Fault,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	if (!('kind' in fault)) {
		const body = fault.body ?? '{}';
		response.writeHead(fault.status, {
			...JSON_TYPE,
			...fault.headers,
			'content-length': Buffer.byteLength(body),
		});
		await drain(request);
		response.end(body);
		return;
	}
	switch (fault.kind) {
		case 'resetBeforeRead':
			request.socket.resetAndDestroy();
			return;
		case 'resetAfterFirstByte':
			request.once('data', () => request.socket.resetAndDestroy());
			return;
		case 'stall':
			// Neither reads nor responds.
			request.pause();
			return;
		case 'redirect':
			await drain(request);
			response.writeHead(302, { location: fault.location }).end();
			return;
		default:
			// `hang`: reads, but never responds.
			request.resume();
	}
}

/** Corrupts a correct response. */
export function corruptResponse(
	fault: Fault,
	request: IncomingMessage,
	response: ServerResponse,
	good: GoodResponse,
): void {
	if (!('kind' in fault)) {
		response.writeHead(fault.status, { ...JSON_TYPE, ...fault.headers }).end(fault.body ?? '{}');
		return;
	}
	const end = (text: string | Buffer) => response.writeHead(good.status, JSON_TYPE).end(text);
	const changed = (change: object) =>
		JSON.stringify({ ...(JSON.parse(good.text) as object), ...change });
	const other = OTHER_TEXTS[fault.kind];
	if (other !== undefined) return void end(other);
	switch (fault.kind) {
		case 'resetAfterTaken':
			request.socket.resetAndDestroy();
			return;
		case 'latin1':
			return void end(Buffer.from(changed({ versionName: 'Größe' }), 'latin1'));
		case 'unknownStatus':
			return void end(changed({ status: fault.status, output: null }));
		case 'output':
			return void end(changed({ status: 'FINISHED', output: fault.output }));
		case 'runWith':
			return void end(changed(fault.fields));
		case 'deepJson':
			return void end(
				good.text.replace(
					/"output":.*$/,
					`"status":"FINISHED","output":{"deep":${'['.repeat(fault.depth)}${']'.repeat(fault.depth)}}}`,
				),
			);
		case 'truncated':
		case 'stuckBody':
			response.writeHead(good.status, { ...JSON_TYPE, 'content-length': good.text.length });
			response.write(good.text.slice(0, -1));
			if (fault.kind === 'truncated') setTimeout(() => request.socket.destroy(), 20);
			return;
		case 'slowBody':
			return drip(response, good, fault.byteEveryMs);
		case 'hugeBody':
			return void pump(response, good.status, fault.bytes);
		default:
			return void pump(response, good.status, Infinity);
	}
}

async function drain(request: IncomingMessage): Promise<void> {
	for await (const _chunk of request) void _chunk;
}

function drip(response: ServerResponse, { status, text }: GoodResponse, byteEveryMs: number): void {
	response.writeHead(status, JSON_TYPE);
	let sent = 0;
	const timer = setInterval(() => {
		if (response.destroyed || sent >= text.length) {
			clearInterval(timer);
			response.end();
		} else response.write(text[sent++]);
	}, byteEveryMs);
}

/** Sends a long or endless JSON string as fast as it's read. */
function pump(response: ServerResponse, status: number, bytes: number): void {
	response.writeHead(status, JSON_TYPE);
	const piece = Buffer.alloc(1024 * 1024, 'x');
	let sent = 1;
	response.write('"');
	const more = (): void => {
		while (!response.destroyed && sent < bytes) {
			sent += piece.length;
			if (!response.write(piece)) return void response.once('drain', more);
		}
		response.end('"');
	};
	more();
}
