import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import type { Step } from '../test/support/engine.cts';

/**
 * The way of most nodes that send files: the file as one Buffer, its base64 as one string, the request as one JSON
 * object, by n8n's own helper. All items at once, as n8n's HTTP Request node does it.
 */
export const bufferedNode: INodeType = {
	description: {
		displayName: 'Buffered',
		name: 'buffered',
		group: [],
		version: 1,
		description: 'Sends files the buffered way',
		defaults: { name: 'Buffered' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'dibbyApi', required: true }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Workflow', name: 'workflowId', type: 'string', default: '' },
		],
	},
	async execute(this: IExecuteFunctions) {
		const send = async (item: number): Promise<INodeExecutionData> => {
			const content = await this.helpers.getBinaryDataBuffer(item, 'data');
			const json = (await this.helpers.httpRequestWithAuthentication.call(this, 'dibbyApi', {
				method: 'POST',
				url: this.getNodeParameter('url', item) as string,
				body: {
					workflowId: this.getNodeParameter('workflowId', item) as string,
					inputs: { document: `data:application/pdf;base64,${content.toString('base64')}` },
				},
				json: true,
			})) as IDataObject;
			return { json, pairedItem: { item } };
		};
		return [await Promise.all(this.getInputData().map(async (_item, index) => await send(index)))];
	},
};

/** The step that sends the file in `data`. */
export function buffered(url: string, workflowId: string): Step {
	return {
		type: 'buffered',
		parameters: { url: `${url}/runs`, workflowId },
		credentials: { dibbyApi: { id: '1', name: 'Dibby account' } },
	};
}
