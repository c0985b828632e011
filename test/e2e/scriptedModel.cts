import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A tool call that the model requests. */
export interface ScriptedCall {
	tool: string;
	args?: object;
}

/** A request from an agent. */
interface ModelRequest {
	messages: Array<{ role: string; content: unknown }>;
	tools?: unknown[];
	stream?: boolean;
}

/** A chat model with OpenAI's API. It calls the tools of its script one by one, and then responds with their results. */
export class ScriptedModel {
	script: ScriptedCall[] = [];

	private requests: ModelRequest[] = [];

	private readonly server = createServer(
		(request, response) => void this.respond(request, response),
	);

	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	stop(): void {
		this.server.close();
		this.server.closeAllConnections();
	}

	/** Sets the script for the next message to the agent. */
	follow(script: ScriptedCall[]): void {
		this.script = script;
		this.requests = [];
	}

	/** The tools' results, as the last request had them. */
	get results(): string[] {
		const { messages = [] } = this.requests.at(-1) ?? {};
		return messages.filter(({ role }) => role === 'tool').map(({ content }) => textOf(content));
	}

	/** All requests since the script was set, as JSON. */
	get told(): string {
		return JSON.stringify(this.requests);
	}

	private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
		let body = '';
		for await (const chunk of request) body += String(chunk);
		const modelRequest = JSON.parse(body) as ModelRequest;
		this.requests.push(modelRequest);
		const next = this.script[this.results.length];
		const message =
			next === undefined
				? { role: 'assistant', content: `The tool says: ${this.results.join(' / ')}` }
				: { role: 'assistant', content: null, tool_calls: [this.callOf(next)] };
		const finish_reason = next === undefined ? 'stop' : 'tool_calls';
		const head = {
			id: 'chat_1',
			created: 1,
			model: 'scripted',
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
		if (!modelRequest.stream) {
			response.setHeader('content-type', 'application/json');
			const choices = [{ index: 0, message, finish_reason }];
			response.end(JSON.stringify({ ...head, object: 'chat.completion', choices }));
			return;
		}
		response.setHeader('content-type', 'text/event-stream');
		const choices = [{ index: 0, delta: message, finish_reason }];
		const chunk = JSON.stringify({ ...head, object: 'chat.completion.chunk', choices });
		response.end(`data: ${chunk}\n\ndata: [DONE]\n\n`);
	}

	private callOf({ tool, args = {} }: ScriptedCall) {
		return {
			index: 0,
			id: `call_${this.results.length + 1}`,
			type: 'function',
			function: { name: tool, arguments: JSON.stringify(args) },
		};
	}
}

function textOf(content: unknown): string {
	return typeof content === 'string' ? content : JSON.stringify(content);
}
