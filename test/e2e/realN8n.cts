import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { INode } from 'n8n-workflow';

import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox } from '../../sandbox/dibby.cts';
import type { StoredCredential, StoredWorkflow } from '../../sandbox/editor/client.cts';
import { N8nClient } from '../../sandbox/editor/client.cts';
import type { Execution } from '../../sandbox/editor/executionData.cts';
import { installN8n } from '../../sandbox/editor/install.cts';
import { packProject } from '../../sandbox/editor/pack.cts';
import { startN8n } from '../../sandbox/editor/server.cts';
import type { RunningN8n } from '../../sandbox/editor/server.cts';

/** A real n8n server with the packed package installed as a user installs it, and a local Dibby. */
export interface RealN8n {
	n8n: RunningN8n;
	client: N8nClient;
	sandbox: Sandbox;
	credential: StoredCredential;
	/** Files that workflows may read. */
	folder: string;
}

export const TOKEN = 'tok-e2e-never-show-me';

/** Another version of n8n than the default one: `N8N_TO_TRY=2.33.2 npm test -- test/sleep/sleeping.test.cts`. */
const version = process.env.N8N_TO_TRY;

/** Starts everything before the first test of a file, and ends it after the last one. */
export function useRealN8n(env: Record<string, string> = {}): RealN8n {
	const real = {} as RealN8n;
	beforeAll(async () => {
		real.folder = mkdtempSync(join(tmpdir(), 'dibby-e2e-'));
		const install = await installN8n(version);
		const { tarball } = await packProject();
		real.sandbox = await startSandbox({ token: TOKEN, stepMs: 100 });
		real.n8n = await startN8n({
			install,
			userFolder: join(real.folder, 'user'),
			packageTarball: tarball,
			env: {
				N8N_RESTRICT_FILE_ACCESS_TO: `${real.folder};${join(__dirname, '..', '..', 'examples')}`,
				...env,
			},
		});
		real.client = new N8nClient(real.n8n.url);
		await real.client.logIn();
		const data = { token: TOKEN, baseUrl: real.sandbox.url };
		real.credential = await real.client.createCredential('Dibby account', 'dibbyApi', data);
	}, 900_000);
	afterAll(async () => {
		await real.n8n?.stop();
		await real.sandbox?.close();
		rmSync(real.folder, { recursive: true, force: true });
	}, 60_000);
	return real;
}

/** The same n8n with another credential for the Dibby nodes, of a Dibby at that URL. */
export async function withCredential(real: RealN8n, name: string, baseUrl = real.sandbox.url) {
	const data = { token: TOKEN, baseUrl };
	return { ...real, credential: await real.client.createCredential(name, 'dibbyApi', data) };
}

/** A node of a test workflow; type and name are enough. */
export type NodeSketch = Partial<INode> & { name: string; type: string };

/** Makes a straight workflow of nodes, the Dibby ones with the credential. */
export async function straightWorkflow(
	{ client, credential }: Pick<RealN8n, 'client' | 'credential'>,
	name: string,
	sketches: NodeSketch[],
	settings: object = {},
): Promise<StoredWorkflow> {
	const nodes = sketches.map((sketch, index) => ({
		id: String(index),
		typeVersion: 1,
		position: [index * 220, 0] as [number, number],
		parameters: {},
		...sketch,
		...(sketch.type.startsWith('n8n-nodes-dibby.')
			? { credentials: { dibbyApi: { id: credential.id, name: credential.name } } }
			: {}),
	}));
	const connections = Object.fromEntries(
		nodes
			.slice(0, -1)
			.map((node, index) => [
				node.name,
				{ main: [[{ node: nodes[index + 1]?.name ?? '', type: 'main' as const, index: 0 }]] },
			]),
	);
	return await client.createWorkflow({ name, nodes, connections, settings });
}

/** Executes such a workflow from a manual trigger, and waits until that has ended. */
export async function execute(
	real: Pick<RealN8n, 'client' | 'credential'>,
	name: string,
	...sketches: NodeSketch[]
): Promise<Execution> {
	const trigger = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };
	const { id } = await straightWorkflow(real, name, [trigger, ...sketches]);
	return await real.client.waitForExecution(await real.client.run(id, trigger.name));
}
