import { createInterface } from 'node:readline';

import type { Sandbox } from './types.cts';
import { WORKFLOWS } from './workflows.cts';

/** URL, token, and workflows of a sandbox, for someone who enters them in n8n. */
export function describeSandbox({ url, token }: Sandbox): string {
	const workflows = Object.values(WORKFLOWS).map((workflow) => {
		const { name, startNode } = workflow;
		const inputs =
			startNode === 'anything'
				? 'any inputs'
				: startNode.map((input) => `${input.name} (${input.type})`).join(', ') || 'no inputs';
		return `  ${name}: ${inputs}\n    ${workflow.url}`;
	});
	const head = ['Dibby sandbox', `  Base URL  ${url}`, `  Token     ${token}`];
	return [...head, 'Workflows with the inputs of their Start Node', ...workflows].join('\n');
}

/** Approves the runs that wait for a person each time the user presses Enter. */
export function approveOnEnter(sandbox: Sandbox): void {
	createInterface({ input: process.stdin }).on('line', () => {
		const waiting = sandbox.waiting();
		for (const id of waiting) {
			sandbox.finish(id);
			console.log(`Run ${id} is approved.`);
		}
		if (waiting.length === 0) console.log('No run waits for a person.');
	});
}
