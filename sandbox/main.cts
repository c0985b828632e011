import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { startSandbox } from './dibby.cts';
import { WORKFLOWS } from './workflows.cts';

const { values } = parseArgs({
	options: {
		port: { type: 'string', default: '4010' },
		'approve-after': { type: 'string' },
	},
});

/** `npm run sandbox`: a local Dibby on a port of its own, until Ctrl-C. */
async function main(): Promise<void> {
	const sandbox = await startSandbox({
		port: Number(values.port),
		log: (line) => console.log(line),
	});
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
		for (const { id, status } of sandbox.runs.values())
			if (status === 'RUNNING') sandbox.finish(id);
	};
	const seconds = Number(values['approve-after'] ?? Infinity);
	if (Number.isFinite(seconds)) {
		setInterval(approve, seconds * 1000);
		console.log(`\nRuns that wait for a person are approved every ${seconds} s. Ctrl-C ends.\n`);
	} else {
		createInterface({ input: process.stdin }).on('line', approve);
		console.log('\nEnter approves the runs that wait for a person. Ctrl-C ends.\n');
	}
}

main().catch((error: NodeJS.ErrnoException) => {
	const taken = error.code === 'EADDRINUSE';
	console.error(
		taken ? `Port ${values.port} is taken. Choose another with --port.` : error.message,
	);
	process.exitCode = 1;
});
