import type { INodeProperties } from 'n8n-workflow';

import { FOR_RUNS, shownFor } from './operation';

/** Whether and how long to wait for a run. */
export const waitingProperties: INodeProperties[] = [
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: false,
		displayOptions: shownFor(FOR_RUNS),
		description: 'Whether to wait until the run is finished, so that the next node gets its result',
	},
	{
		displayName:
			'A run can wait for a person. Set Time Limit to what your n8n workflow can wait, and fetch what takes longer with Get Run.',
		name: 'waitingNotice',
		type: 'notice',
		default: '',
		displayOptions: shownFor(FOR_RUNS, { waitForCompletion: [true] }),
	},
	{
		displayName: 'Time Limit (Minutes)',
		name: 'timeLimit',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 10,
		displayOptions: shownFor(FOR_RUNS, { waitForCompletion: [true] }),
		description: 'How long to wait for the run. It goes on in Dibby when the limit is reached.',
	},
];
