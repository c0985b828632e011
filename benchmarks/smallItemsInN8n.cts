import type { IDataObject, INode } from 'n8n-workflow';

import { N8nClient } from '../sandbox/editor/client.cts';
import { nodeItems, nodeRun } from '../sandbox/editor/executionData.cts';
import { startN8n } from '../sandbox/editor/server.cts';
import type { WorkflowFile } from '../sandbox/editor/workflowFile.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { fields } from '../test/support/jobs.cts';
import type { SandboxProcess } from './sandboxProcess.cts';

const PATIENCE_MS = 300_000;
const START = 'Start';
const MEASURED = 'Measured';

/** n8n writes each query of its database into its log then. */
export const LOGS_QUERIES = { DB_LOGGING_ENABLED: 'true', DB_LOGGING_OPTIONS: 'query' };
const OF_CREDENTIALS = /SELECT.*FROM "?(main"?\."?)?"?credentials_entity/i;

interface Way {
	name: string;
	type: string;
	version: number;
	parameters: IDataObject;
}

const ONE_EXPRESSION = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
const FROM_ITEM = { specifyInputs: 'item' };

function ofNode(name: string, parameters: IDataObject): Way {
	const workflow = { __rl: true, mode: 'id', value: WORKFLOWS.echo.id };
	return {
		name,
		type: 'n8n-nodes-dibby.dibby',
		version: 1,
		parameters: { workflow, waitForCompletion: false, ...parameters },
	};
}

export const WAYS: Record<string, Way> = {
	httpRequest: {
		name: 'HTTP Request, one expression',
		type: 'n8n-nodes-base.httpRequest',
		version: 4.2,
		parameters: {
			method: 'POST',
			url: 'URL/runs',
			authentication: 'genericCredentialType',
			genericAuthType: 'httpBearerAuth',
			sendBody: true,
			specifyBody: 'json',
			jsonBody: `={"workflowId":"${WORKFLOWS.echo.id}","inputs":{"n":{{ $json.n }}}}`,
			options: {},
		},
	},
	node: ofNode('node, one expression', ONE_EXPRESSION),
	fromItem: ofNode('node, From the Incoming Item', FROM_ITEM),
	waiting: ofNode('node, From the Incoming Item, waiting: a POST and a GET', {
		...FROM_ITEM,
		waitForCompletion: true,
	}),
};

/** Executes a way with so many items; gives the milliseconds that n8n itself measured of the node. */
export type Execute = (way: string, items: number) => Promise<number>;

/**
 * Lends an n8n in which the ways can be executed.
 *
 * @param work also gets how often the database was asked for a credential so far, where `env` has its queries logged
 */
export async function withN8n(
	userFolder: string,
	packageTarball: string,
	{ url, token }: SandboxProcess,
	env: Record<string, string>,
	work: (execute: Execute, credentialQueries: () => number) => Promise<void>,
): Promise<void> {
	let queries = 0;
	const onLine = (line: string) => {
		if (OF_CREDENTIALS.test(line)) queries++;
	};
	const n8n = await startN8n({ userFolder, packageTarball, env, onLine });
	try {
		const client = new N8nClient(n8n.url, PATIENCE_MS);
		await client.logIn();
		const credentials = {
			httpBearerAuth: await client.createCredential('Bearer', 'httpBearerAuth', { token }),
			dibbyApi: await client.createCredential('Dibby', 'dibbyApi', { token, baseUrl: url }),
		};
		const execute: Execute = async (way, items) => {
			const { id } = await client.createWorkflow(workflow(way, items, url, credentials));
			const execution = await client.waitForExecution(await client.run(id, START), PATIENCE_MS);
			const count = nodeItems(execution, MEASURED).length;
			if (count !== items) throw new Error(`${way}: ${count} items came out`);
			return nodeRun(execution, MEASURED)?.executionTime ?? NaN;
		};
		await work(execute, () => queries);
	} finally {
		await n8n.stop();
	}
}

function workflow(way: string, items: number, url: string, credentials: object): WorkflowFile {
	const given = WAYS[way];
	if (given === undefined) throw new Error(`There is no way "${way}"`);
	const node = (name: string, type: string, typeVersion: number, parameters: IDataObject) =>
		({ id: name, name, type, typeVersion, position: [0, 0], parameters }) as unknown as INode;
	const parameters = JSON.parse(
		JSON.stringify(given.parameters).replace('URL/runs', `${url}/runs`),
	) as IDataObject;
	const numbers = JSON.stringify({ n: Array.from({ length: items }, (_, n) => n) });
	const to = (name: string) => ({ main: [[{ node: name, type: 'main' as const, index: 0 }]] });
	return {
		name: way,
		nodes: [
			node(START, 'n8n-nodes-base.manualTrigger', 1, {}),
			node('Numbers', 'n8n-nodes-base.set', 3.4, { mode: 'raw', jsonOutput: numbers, options: {} }),
			node('Items', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'n', options: {} }),
			{
				...node(MEASURED, given.type, given.version, parameters),
				credentials: credentials as INode['credentials'],
			},
		],
		connections: { [START]: to('Numbers'), Numbers: to('Items'), Items: to(MEASURED) },
	};
}
