import type { INodeProperties } from 'n8n-workflow';

import { shownFor } from './operation';

/** Which run to get. */
export const getRunProperties: INodeProperties[] = [
	{
		displayName: 'Run ID',
		name: 'runId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. run_abc123',
		displayOptions: shownFor(['getRun']),
		description: 'The ID that Trigger Run gave. Drag it in from the output of that node.',
	},
];
