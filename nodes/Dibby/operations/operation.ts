import type { INodeProperties, INodePropertyRouting } from 'n8n-workflow';

import type { Prepare } from '../execution/task';

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
	prepare: Prepare;
}
