import type { IConnections, IDataObject, INode } from 'n8n-workflow';

import type { StoredCredential } from '../sandbox/editor/client.cts';
import type { WorkflowFile } from '../sandbox/editor/workflowFile.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';

/** The node from which both workflows are run. */
export const START = 'Start';

/** Seconds between two polls in the pipeline. Short, because the run is over at once. */
const PAUSE = 1;

const DIBBY = 'n8n-nodes-dibby.dibby';

interface Given {
	/** The document's path. */
	file: string;
	/** Dibby's address. */
	url: string;
	/** For n8n's own nodes: a bearer token. */
	bearer: StoredCredential;
	/** For the Dibby node. */
	dibby: StoredCredential;
}

function node(name: string, type: string, typeVersion: number, parameters: IDataObject): INode {
	const at = [0, 0] as [number, number];
	return { id: name, name, type, typeVersion, position: at, parameters: parameters as never };
}

function using(type: string, { id, name }: StoredCredential, made: INode): INode {
	return { ...made, credentials: { [type]: { id, name } } };
}

const to = (...names: string[]): IConnections[string] => ({
	main: names.map((name) => [{ node: name, type: 'main', index: 0 }]),
});

const start = (file: string): INode[] => [
	node(START, 'n8n-nodes-base.manualTrigger', 1, {}),
	node('Read File', 'n8n-nodes-base.readWriteFile', 1, { fileSelector: file, options: {} }),
];

/** What people build of n8n's own nodes: the file as base64, into a JSON body, and a loop that asks for the end. */
export function pipeline({ file, url, bearer }: Given): WorkflowFile {
	const http = (name: string, parameters: IDataObject) =>
		using(
			'httpBearerAuth',
			bearer,
			node(name, 'n8n-nodes-base.httpRequest', 4.2, {
				authentication: 'genericCredentialType',
				genericAuthType: 'httpBearerAuth',
				options: {},
				...parameters,
			}),
		);
	return {
		name: `Pipeline, ${file}`,
		nodes: [
			...start(file),
			node('Extract', 'n8n-nodes-base.extractFromFile', 1, {
				operation: 'binaryToPropery',
				options: {},
			}),
			http('Start Run', {
				method: 'POST',
				url: `${url}/runs`,
				sendBody: true,
				specifyBody: 'json',
				jsonBody: `={"workflowId":"${WORKFLOWS.digest.id}","inputs":{"document":"data:application/pdf;base64,{{ $json.data }}"}}`,
			}),
			node('Wait', 'n8n-nodes-base.wait', 1.1, { amount: PAUSE, unit: 'seconds' }),
			http('Get Run', { url: `=${url}/runs/{{ $json.id }}` }),
			node('Finished', 'n8n-nodes-base.if', 2.2, {
				conditions: {
					combinator: 'and',
					options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
					conditions: [
						{
							id: 'finished',
							leftValue: '={{ $json.status }}',
							rightValue: 'FINISHED',
							operator: { type: 'string', operation: 'equals' },
						},
					],
				},
				options: {},
			}),
			node('Result', 'n8n-nodes-base.noOp', 1, {}),
		],
		connections: {
			[START]: to('Read File'),
			'Read File': to('Extract'),
			Extract: to('Start Run'),
			'Start Run': to('Wait'),
			Wait: to('Get Run'),
			'Get Run': to('Finished'),
			Finished: to('Result', 'Wait'),
		},
	};
}

/** The same with the Dibby node. */
export function withDibby({ file, dibby }: Given): WorkflowFile {
	const parameters = {
		workflow: { __rl: true, mode: 'id', value: WORKFLOWS.digest.id },
		documents: { rows: [{ inputName: 'document', binaryField: 'data', sendAs: 'single' }] },
		waitForCompletion: true,
		output: 'run',
	};
	return {
		name: `Dibby, ${file}`,
		nodes: [...start(file), using('dibbyApi', dibby, node('Dibby', DIBBY, 1, parameters))],
		connections: { [START]: to('Read File'), 'Read File': to('Dibby') },
	};
}
