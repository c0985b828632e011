import { createInterface } from 'node:readline';

import { readCommandLine } from './commandLine.cts';
import { startSandbox } from './dibby.cts';
import { hasCode, printable, UserError } from './editor/userError.cts';
import { WORKFLOWS } from './workflows.cts';

/** `npx tsx sandbox/main.cts`: a local Dibby on a port of its own, until Ctrl-C. */
async function main(): Promise<void> {
	const { port, approveAfter } = readCommandLine(process.argv.slice(2));
	const sandbox = await startSandbox({ port, log: (line) => console.log(line) }).catch(
		(error: unknown) => {
			if (!hasCode(error, 'EADDRINUSE')) throw error;
			throw new UserError(`Port ${port} is taken. Choose another with --port.`);
		},
	);
	console.log(
		`Dibby sandbox\n  Base URL  ${sandbox.url}\n  Token     ${sandbox.token}\n\nWorkflows`,
	);
	for (const { name, url, startNode } of Object.values(WORKFLOWS)) {
		const inputs =
			startNode === 'anything'
				? 'any inputs'
				: startNode.map((input) => `${input.name} (${input.type})`).join(', ') || 'no inputs';
		console.log(`  ${name}: ${inputs}\n    ${url}`);
	}
	const approve = () => {
		const waiting = sandbox.waiting();
		for (const id of waiting) {
			sandbox.finish(id);
			console.log(`run ${id} is approved`);
		}
		return waiting.length;
	};
	if (approveAfter !== undefined) {
		setInterval(approve, approveAfter * 1000);
		console.log(
			`\nRuns that wait for a person are approved every ${approveAfter} s. Ctrl-C ends.\n`,
		);
	} else {
		createInterface({ input: process.stdin }).on('line', () => {
			if (approve() === 0) console.log('No run waits for a person.');
		});
		console.log('\nEnter approves the runs that wait for a person. Ctrl-C ends.\n');
	}
}

main().catch((error: unknown) => {
	console.error(printable(error));
	process.exitCode = 1;
});
