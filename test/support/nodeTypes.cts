import { createReadStream } from 'node:fs';

import type { ExecuteContext } from 'n8n-core';
import { RoutingNode } from 'n8n-core';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { INodeType, INodeTypeDescription, INodeTypes } from 'n8n-workflow';

/** A node type of a test. */
export const nodeType = (
	name: string,
	execute: INodeType['execute'],
	more: Partial<INodeTypeDescription> = {},
): INodeType => ({
	description: {
		displayName: name,
		name,
		group: [],
		version: 1,
		description: name,
		defaults: { name },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
		...more,
	},
	execute,
});

/** A parameter of such a node. */
export const textParameter = (name: string, value = '') =>
	({ displayName: name, name, type: 'string', default: value }) as const;

/** Hands on the items that a test starts the workflow with, as Manual Trigger with pinned data does. */
const manualTrigger = nodeType(
	'manualTrigger',
	async function (this: IExecuteFunctions) {
		return await Promise.resolve([this.getInputData()]);
	},
	{ inputs: [] },
);

/** Reads a file from disk into n8n's binary storage as a stream, as Read/Write Files from Disk does. */
const readFile = nodeType(
	'readFile',
	async function (this: IExecuteFunctions) {
		const text = (name: string, index: number) => this.getNodeParameter(name, index) as string;
		const items: INodeExecutionData[] = [];
		for (const [index, { json, binary }] of this.getInputData().entries()) {
			const path = text('fileSelector', index);
			const file = await this.helpers.prepareBinaryData(createReadStream(path), path);
			const files = { ...binary, [text('dataPropertyName', index)]: file };
			items.push({ json, binary: files, pairedItem: { item: index } });
		}
		return [items];
	},
	{ properties: [textParameter('fileSelector'), textParameter('dataPropertyName', 'data')] },
);

/** Copies every item, so that what comes after the node under test can look at pairing and expressions. */
const after = nodeType(
	'after',
	async function (this: IExecuteFunctions) {
		const items = this.getInputData().map((item, index) => ({
			...item,
			json: { ...item.json, seen: this.getNodeParameter('value', index) as string },
			pairedItem: { item: index },
		}));
		return await Promise.resolve([items]);
	},
	{ properties: [textParameter('value')] },
);

/** The nodes that a test workflow is made of: the one under test, and plain ones around it. */
export class NodeTypes implements INodeTypes {
	private readonly types: Record<string, INodeType>;

	/** @param known more types that n8n says it has */
	constructor(
		dibby: INodeType,
		more: Record<string, INodeType> = {},
		private readonly known: string[] = [],
	) {
		this.types = { ...more, manualTrigger, readFile, after, dibby: executable(dibby) };
	}

	getByName(name: string): INodeType {
		const type = this.types[name];
		if (type === undefined) throw new Error(`No node type ${name}`);
		return type;
	}

	getByNameAndVersion(name: string): INodeType {
		return this.getByName(name);
	}

	getKnownTypes() {
		const entries = this.known.map((name) => [name, { className: name, sourcePath: '' }] as const);
		return Object.fromEntries(entries);
	}
}

/** What n8n's server does with a declarative node: its `execute` is the engine's RoutingNode. */
function executable(nodeType: INodeType): INodeType {
	nodeType.execute = async function (this: IExecuteFunctions) {
		return (await new RoutingNode(this as ExecuteContext, nodeType).runNode()) ?? [];
	};
	return nodeType;
}
