import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodePropertyRouting,
} from 'n8n-workflow';

import type { ItemContext } from '../types';

/** Something that a user can do with Dibby. */
export interface Operation {
	value: string;
	name: string;
	action: string;
	description: string;
	/** The request that n8n shows for the operation. The node sends it itself, because it may have to be retried. */
	request: NonNullable<INodePropertyRouting['request']>;
	/** Shown for this operation only. */
	parameters: INodeProperties[];
	/** Executes the operation for all items. AI Agents up to version 2 don't have n8n's context for all of them. */
	execute: (
		contexts: ItemContext[],
		engine: IExecuteFunctions | undefined,
	) => Promise<INodeExecutionData[]>;
}
