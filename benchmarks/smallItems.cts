import type { IDataObject } from 'n8n-workflow';

import { nodeItems, nodeRun } from '../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import type { StoredCredential } from '../sandbox/editor/client.cts';
import { straightWorkflow } from '../test/e2e/realN8n.cts';
import type { NodeSketch } from '../test/e2e/realN8n.cts';
import { dibby, manual, run } from '../test/e2e/sketches.cts';
import { fields } from '../test/support/jobs.cts';
import { startServerProcess } from './byTurns.cts';
import { withRealN8n } from './realN8n.cts';
import { isQuick, publish, withSpread } from './table.cts';

const EXECUTION_TIMEOUT_MS = 300_000;
const ONE_EXPRESSION = fields({ name: 'n', type: 'number', value: '={{ $json.n }}' });
const FROM_ITEM = { specifyInputs: 'item' };

const LABELS: Record<string, string> = {
	httpRequest: 'HTTP Request, one expression',
	node: 'node, one expression',
	fromItem: 'node, From the Incoming Item',
	waiting: 'node, From the Incoming Item, waiting: a POST and a GET',
};

/** n8n's own node starts a run as people set it up: a bearer token, and an expression in the JSON body. */
const httpRequest = (baseUrl: string, bearer: StoredCredential): NodeSketch => ({
	name: 'Dibby',
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	parameters: {
		method: 'POST',
		url: `${baseUrl}/runs`,
		authentication: 'genericCredentialType',
		genericAuthType: 'httpBearerAuth',
		sendBody: true,
		specifyBody: 'json',
		jsonBody: `={"workflowId":"${WORKFLOWS.echo.id}","inputs":{"n":{{ $json.n }}}}`,
		options: {},
	},
	credentials: { httpBearerAuth: bearer },
});

/** Executes a way with that many items, and returns the milliseconds per item that n8n measured. */
type Execute = (way: string, items: number) => Promise<number>;

/** Many small items in a real n8n, where credentials come from a database and expressions run in an isolate. */
export async function smallItems(): Promise<void> {
	const ways = Object.keys(LABELS);
	const costs: Record<string, number[]> = Object.fromEntries(ways.map((way) => [way, []]));
	await withN8n(async (execute) => {
		const times = isQuick ? 1 : 5;
		// The first time only warms up.
		for (let time = -1; time < times; time++) {
			for (const way of time % 2 === 0 ? ways : [...ways].reverse()) {
				const cost = await execute(way, 1_000);
				if (time >= 0) costs[way]?.push(cost);
			}
		}
	});
	const http = costs.httpRequest ?? [];
	publish(
		'smallItems',
		'1000 items without documents in a real n8n with SQLite, with one POST per item, except in the last row. By default, HTTP Request sends all requests at the same time, and the node 4. Median (lowest–highest).',
		['way', 'ms per item', 'speed / HTTP Request'],
		ways.map((way) => [
			LABELS[way] ?? way,
			withSpread(costs[way] ?? []),
			withSpread((costs[way] ?? []).map((cost, time) => (http[time] ?? NaN) / cost)),
		]),
	);
}

/** Whether the cost per item stays the same in a real n8n. */
export async function smallItemsGrowth(): Promise<void> {
	const sizes = isQuick ? [100, 300] : [1_000, 10_000, 50_000];
	const rows: string[][] = [];
	await withN8n(async (execute) => {
		for (const way of ['fromItem', 'node']) {
			await execute(way, 100);
			for (const size of sizes) {
				const costs = [await execute(way, size), await execute(way, size)];
				rows.push([LABELS[way] ?? way, String(size), withSpread(costs)]);
			}
		}
	});
	publish(
		'smallItemsGrowth',
		'The same with more items in one execution. Median (lowest–highest) of two.',
		['way', 'items', 'ms per item'],
		rows,
	);
}

async function withN8n(work: (execute: Execute) => Promise<void>): Promise<void> {
	const { url, token, stop } = await startServerProcess();
	const measured = withRealN8n(
		{ url, token },
		async ({ client, credential }) => {
			const bearer = await client.createCredential('Bearer', 'httpBearerAuth', { token });
			const echo = (parameters: IDataObject) => dibby(run(WORKFLOWS.echo.id, parameters));
			const ways: Record<string, NodeSketch> = {
				httpRequest: httpRequest(url, bearer),
				node: echo({ waitForCompletion: false, ...ONE_EXPRESSION }),
				fromItem: echo({ waitForCompletion: false, ...FROM_ITEM }),
				waiting: echo({ waitForCompletion: true, ...FROM_ITEM }),
			};
			await work(async (way, items) => {
				const sketches = [manual, ...numbers(items), ways[way] as NodeSketch];
				const { id } = await straightWorkflow({ client, credential }, way, sketches);
				const executionId = await client.run(id, manual.name);
				const execution = await client.waitForExecution(executionId, EXECUTION_TIMEOUT_MS);
				const count = nodeItems(execution, 'Dibby').length;
				if (count !== items) throw new Error(`${way}: ${count} items came out`);
				return (nodeRun(execution, 'Dibby')?.executionTime ?? NaN) / items;
			});
		},
		EXECUTION_TIMEOUT_MS,
	);
	await measured.finally(stop);
}

/** Nodes that output that many items with a number each. */
function numbers(count: number): NodeSketch[] {
	const json = JSON.stringify({ n: Array.from({ length: count }, (_value, n) => n) });
	const set = { mode: 'raw', jsonOutput: json, options: {} };
	const split = { fieldToSplitOut: 'n', options: {} };
	return [
		{ name: 'set', type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: set },
		{ name: 'splitOut', type: 'n8n-nodes-base.splitOut', parameters: split },
	];
}
