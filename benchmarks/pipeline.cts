import { join } from 'node:path';

import { packProject } from '../sandbox/editor/pack.cts';
import type { WorkflowFile } from '../sandbox/editor/workflowFile.cts';
import { writeDocument } from './files.cts';
import type { Outcome } from './measure.cts';
import { startN8nServer } from './n8nServer.cts';
import type { Execution, N8nServer } from './n8nServer.cts';
import { pipeline as ofN8nNodes, withDibby } from './pipelineWorkflows.cts';
import { isQuick, publish } from './report.cts';
import { startSandboxProcess } from './sandboxProcess.cts';
import type { SandboxProcess } from './sandboxProcess.cts';
import { cell, ratios, withSpread } from './statistics.cts';
import { inTemporaryFolder } from './temporary.cts';

const MIB = 1024 * 1024;
const PATIENCE_SECONDS = 120;
const WARM_UPS = 3;
const TIMES = 3;

/** The documents, and how often the pipeline sends each. */
const SIZES = [
	{ name: '1 MiB', bytes: MIB, pipelines: 3 },
	{ name: '10 MiB', bytes: 10 * MIB, pipelines: 3 },
	// A minute each.
	{ name: '100 MiB', bytes: 100 * MIB, pipelines: 1 },
];

/** n8n evaluates expressions in an isolate: 128 MiB and 5 s for each, unless these settings say more. */
const WAYS: Array<{ name: string; make: typeof withDibby; env: Record<string, string> }> = [
	{ name: 'node', make: withDibby, env: {} },
	{ name: 'pipeline', make: ofN8nNodes, env: {} },
	{
		name: 'pipeline, limits of expressions raised',
		make: ofN8nNodes,
		env: { N8N_EXPRESSION_ENGINE_MEMORY_LIMIT: '4096', N8N_EXPRESSION_ENGINE_TIMEOUT: '120000' },
	},
];

type Samples = Record<string, Record<string, Array<Outcome<Execution>>>>;

/** The workflow that people build of n8n's own nodes, against the one with the node, in real n8n servers. */
export async function pipeline(): Promise<void> {
	const samples = await inTemporaryFolder(measureAll);
	const rows = Object.entries(samples).flatMap(([size, ways]) =>
		Object.entries(ways).map(([way, outcomes]) => [
			size,
			way,
			cell(outcomes, 'seconds'),
			withSpread(ratios(outcomes, ways.node)),
			cell(outcomes, 'wholeSeconds'),
			cell(outcomes, 'extraMiB', 0),
		]),
	);
	publish({
		name: 'pipeline',
		text: `One document in a real n8n 2, each way in an n8n of its own. Pipeline: Read File, Extract From File (to base64), HTTP Request with an expression in the JSON body, then Wait, HTTP Request and If in a loop. Node: Read File and the node, which waits. Each arrived whole (SHA-256). A way that fails is tried once, for at most ${PATIENCE_SECONDS} s. Median, lowest and highest.`,
		head: [
			'document',
			'way',
			'Dibby has the document, s',
			'time / node',
			'workflow is over, s',
			'n8n, extra MiB',
		],
		rows,
		samples,
	});
}

async function measureAll(folder: string): Promise<Samples> {
	const { tarball } = await packProject();
	const sandbox = await startSandboxProcess();
	const servers = new Map<string, N8nServer>();
	try {
		for (const { name, env } of WAYS) {
			servers.set(name, await startN8nServer(folder, name, tarball, sandbox, env));
		}
		return await bySizes(folder, sandbox, servers);
	} finally {
		for (const server of servers.values()) await server.stop();
		sandbox.stop();
	}
}

async function bySizes(
	folder: string,
	sandbox: SandboxProcess,
	servers: Map<string, N8nServer>,
): Promise<Samples> {
	const ways = await Promise.all(
		WAYS.map(async ({ name, make }) => {
			const server = servers.get(name) as N8nServer;
			return { name, server, workflow: await workflowMaker(server, sandbox, make) };
		}),
	);
	const small = join(folder, 'small');
	await writeDocument(small, 3 * 1024);
	for (const { server, workflow } of ways) {
		for (let time = 0; time < WARM_UPS; time++) {
			const outcome = await server.execute(workflow(`${small}.pdf`), PATIENCE_SECONDS);
			if ('failed' in outcome) throw new Error(outcome.failed);
		}
	}
	const samples: Samples = {};
	for (const { name: size, bytes, pipelines } of SIZES) {
		const file = join(folder, `${bytes}`);
		const whole = await writeDocument(file, bytes);
		const outcomes = Object.fromEntries(
			WAYS.map(({ name }) => [name, [] as Array<Outcome<Execution>>]),
		);
		samples[size] = outcomes;
		for (let time = 0; time < (isQuick() ? 1 : TIMES); time++) {
			for (const { name, server, workflow } of ways) {
				const own = outcomes[name] ?? [];
				if (own.some((outcome) => 'failed' in outcome)) continue;
				if (name !== 'node' && time >= pipelines) continue;
				const outcome = await server.execute(workflow(`${file}.pdf`), PATIENCE_SECONDS);
				own.push(outcome);
				if ('failed' in outcome) continue;
				const { sha256 } = await sandbox.look();
				if (sha256.at(-1) !== whole) throw new Error(`${name}: what arrived is not what was sent`);
			}
		}
	}
	return samples;
}

/** Makes the credentials in an n8n, and gives the workflow for a file. */
async function workflowMaker(
	{ client }: N8nServer,
	{ url, token }: SandboxProcess,
	make: typeof withDibby,
): Promise<(file: string) => WorkflowFile> {
	const bearer = await client.createCredential('Bearer', 'httpBearerAuth', { token });
	const dibby = await client.createCredential('Dibby', 'dibbyApi', { token, baseUrl: url });
	return (file) => make({ file, url, bearer, dibby });
}
