import type { IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';

/**
 * The way of most nodes that take documents out of an answer, and of this one before: the answer as one text and one
 * object, each document as a string and a Buffer.
 */
export const bufferedOutputNode: INodeType = {
	description: {
		displayName: 'Buffered Output',
		name: 'bufferedOutput',
		group: [],
		version: 1,
		description: 'Takes documents out of an answer the buffered way',
		defaults: { name: 'Buffered Output' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'dibbyApi', required: true }],
		properties: [{ displayName: 'URL', name: 'url', type: 'string', default: '' }],
	},
	async execute(this: IExecuteFunctions) {
		const { output } = (await this.helpers.httpRequestWithAuthentication.call(this, 'dibbyApi', {
			url: this.getNodeParameter('url', 0) as string,
			json: true,
		})) as { output: { documents: IDataObject[] } };
		const binary: Record<string, Awaited<ReturnType<typeof this.helpers.prepareBinaryData>>> = {};
		for (const [index, document] of output.documents.entries()) {
			const [, base64 = ''] = (document.file as string).split(',', 2);
			const name = `documents_${index}_file`;
			const content = Buffer.from(base64, 'base64');
			binary[name] = await this.helpers.prepareBinaryData(
				content,
				`${name}.pdf`,
				'application/pdf',
			);
			document.file = { binaryField: name };
		}
		return [[{ json: output, binary, pairedItem: { item: 0 } }]];
	},
};
