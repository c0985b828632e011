import { parseArgs } from 'node:util';

import { approveOnEnter, describeSandbox } from './console.cts';
import { startSandbox } from './dibby.cts';
import { SANDBOX_PORT } from './editor/paths.cts';

/** `npx tsx sandbox/main.cts [--port N]`: only the sandbox. */
async function main(): Promise<void> {
	const { values } = parseArgs({ options: { port: { type: 'string' } } });
	const port = Number(values.port ?? SANDBOX_PORT);
	const sandbox = await startSandbox({ port, log: (line) => console.log(line) });
	console.log(describeSandbox(sandbox));
	approveOnEnter(sandbox);
	console.log('\nPress Enter to approve the runs that wait for a person, and Ctrl-C to stop.\n');
}

main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
