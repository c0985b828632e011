import { join } from 'node:path';

import { startEngine } from '../test/support/engine.cts';
import { document, triggerRun, WAIT } from '../test/support/jobs.cts';
import { startSandbox } from './dibby.cts';
import { nodeItems } from './editor/executionData.cts';
import { WORKFLOWS } from './workflows.cts';

const INVOICE = join(__dirname, '..', 'examples', 'files', 'invoice.pdf');

/** `npm run demo`: sends a PDF through n8n's own engine and the node to a local Dibby, and prints the extracted data. */
async function main(): Promise<void> {
	const log = (line: string) => console.log(`  ${line}`);
	const sandbox = await startSandbox({ log: (line) => log(`Dibby: ${line}`) });
	try {
		const engine = await startEngine({ token: sandbox.token, baseUrl: sandbox.url });
		const nodes = 'Manual Trigger → Read File → Dibby (Trigger Run, Wait for Completion)';
		console.log(`Workflow: ${nodes}\n`);
		const steps = [
			{ type: 'readFile', name: 'Read File', parameters: { fileSelector: INVOICE } },
			triggerRun(WORKFLOWS.invoice.id, { ...document('document'), ...WAIT }),
		];
		const { run, error } = await engine.run(steps, {
			onNode: (event, name) => log(`n8n: ${name} ${event === 'start' ? 'starts' : 'has ended'}`),
		});
		if (error !== undefined) throw new Error(`${error.message}. ${error.description ?? ''}`);
		console.log('\nThe next node receives:\n');
		console.log(JSON.stringify(nodeItems(run, 'Dibby')[0]?.json, null, 2));
	} finally {
		await sandbox.close();
	}
}

main().then(
	() => process.exit(0),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
