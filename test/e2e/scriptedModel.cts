import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of a tool, as a model asks for it. */
export interface ScriptedCall {
	tool: string;
	args?: object;
}

/** What an agent sent to the model. */
interface Asked {
	messages: Array<{ role: string; content: unknown }>;
	tools?: unknown[];
	stream?: boolean;
}

/** A chat model (OpenAI's interface) that calls tools as its script says, one after the other, and then ends. */
export class ScriptedModel {
	script: ScriptedCall[] = [];

	private asked: Asked[] = [];

	private readonly server = createServer(
		(request, response) => void this.answer(request, response),
	);

	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	stop(): void {
		this.server.close();
		this.server.closeAllConnections();
	}

	/** Begins a new conversation. */
	follow(script: ScriptedCall[]): void {
		this.script = script;
		this.asked = [];
	}

	/** What the model was told of each call, in its last conversation. */
	get results(): string[] {
		const { messages = [] } = this.asked.at(-1) ?? {};
		return messages.filter(({ role }) => role === 'tool').map(({ content }) => textOf(content));
	}

	/** All that the model was told. */
	get told(): string {
		return JSON.stringify(this.asked);
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		let body = '';
		for await (const chunk of request) body += String(chunk);
		const asked = JSON.parse(body) as Asked;
		this.asked.push(asked);
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
		if (!asked.stream) {
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
