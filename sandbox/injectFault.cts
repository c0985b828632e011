import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Fault } from './faults.cts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** The correct response, for faults that corrupt it. */
type GoodResponse = { status: number; text: string };

/** Whether a fault replaces the handling of a request; otherwise it corrupts the response. */
export function failsBeforeHandling(fault: Fault): boolean {
	if (!('kind' in fault)) return fault.taken !== true;
	return ['resetBeforeRead', 'resetAfterFirstByte', 'hang', 'stall'].includes(fault.kind);
}

/** Fails a request before it's handled. If there is a response, the body is read first, as most servers do. */
export async function failBeforeHandling(
	fault: Fault,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	if (!('kind' in fault)) {
		const { status, headers, body = '{}' } = fault;
		const length = { 'content-length': Buffer.byteLength(body) };
		response.writeHead(status, { ...JSON_TYPE, ...headers, ...length });
		for await (const _chunk of request) void _chunk;
		response.end(body);
	} else if (fault.kind === 'resetBeforeRead') {
		request.socket.resetAndDestroy();
	} else if (fault.kind === 'resetAfterFirstByte') {
		request.once('data', () => request.socket.resetAndDestroy());
	} else if (fault.kind === 'stall') {
		// Neither reads nor responds.
		request.pause();
	} else {
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
	const text = otherText(fault, good.text);
	if (text !== undefined) return void response.writeHead(good.status, JSON_TYPE).end(text);
	switch (fault.kind) {
		case 'resetAfterTaken':
			return void request.socket.resetAndDestroy();
		case 'truncated':
		case 'stuckBody':
			response.writeHead(good.status, { ...JSON_TYPE, 'content-length': good.text.length });
			response.write(good.text.slice(0, -1));
			if (fault.kind === 'truncated') setTimeout(() => request.socket.destroy(), 20);
			return;
		case 'slowBody':
			return drip(response, good, fault.byteEveryMs);
		default:
			return pump(response, good.status, fault.kind === 'hugeBody' ? fault.bytes : Infinity);
	}
}

/** What comes in the place of the correct text, where a whole response comes. */
function otherText(
	fault: Extract<Fault, { kind: string }>,
	good: string,
): string | Buffer | undefined {
	const changed = (change: object) =>
		JSON.stringify({ ...(JSON.parse(good) as object), ...change });
	switch (fault.kind) {
		case 'notJson':
			return 'this is not JSON';
		case 'latin1':
			return Buffer.from(changed({ versionName: 'Größe' }), 'latin1');
		case 'unknownStatus':
			return changed({ status: fault.status, output: null });
		case 'output':
			return changed({ status: 'FINISHED', output: fault.output });
		case 'runWith':
			return changed(fault.fields);
		case 'deepJson': {
			const deep = `${'['.repeat(fault.depth)}${']'.repeat(fault.depth)}`;
			return good.replace(/"output":.*$/, `"status":"FINISHED","output":{"deep":${deep}}}`);
		}
		default:
			return undefined;
	}
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
