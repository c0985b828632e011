import { createInterface } from 'node:readline';

import { startSandbox } from './dibby.cts';
import { DEFAULT_SANDBOX_PORT, parseOrExplain, readPort } from './editor/options.cts';
import { hasCode, printable, UserError } from './editor/userError.cts';
import { WORKFLOWS } from './workflows.cts';

const USAGE = `npx tsx sandbox/main.cts             a local Dibby at port ${DEFAULT_SANDBOX_PORT}
npx tsx sandbox/main.cts --port N    at this port`;

/** `npx tsx sandbox/main.cts`: a local Dibby on a port of its own, until Ctrl-C. */
async function main(): Promise<void> {
	const options = parseOrExplain(process.argv.slice(2), USAGE, { port: { type: 'string' } });
	const port = readPort('--port', options.port) ?? DEFAULT_SANDBOX_PORT;
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
	createInterface({ input: process.stdin }).on('line', () => {
		const waiting = sandbox.waiting();
		for (const id of waiting) {
			sandbox.finish(id);
			console.log(`run ${id} is approved`);
		}
		if (waiting.length === 0) console.log('No run waits for a person.');
	});
	console.log('\nEnter approves the runs that wait for a person. Ctrl-C ends.\n');
}

main().catch((error: unknown) => {
	console.error(printable(error));
	process.exitCode = 1;
});
