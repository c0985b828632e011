import type { DeclarativeRestApiSettings, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { ItemContext } from '../types';

/** Something that the user can do: what the panel says of it, its own parameters, and the hook that does it. */
export interface OperationDefinition {
	value: string;
	name: string;
	action: string;
	description: string;
	/** Shown for this operation only. */
	parameters: INodeProperties[];
	/** Called by n8n's engine for each item. */
	hook: (
		this: ItemContext,
		requestData: DeclarativeRestApiSettings.ResultOptions,
	) => Promise<INodeExecutionData[]>;
}
