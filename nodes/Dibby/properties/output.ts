import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_REQUESTS_AT_ONCE } from '../run/nodeRun';
import { FOR_RUNS, shownFor } from './operation';

/** Shown only where there is something to wait for. */
const whenWaiting = { show: { '/waitForCompletion': [true] } };

/** What comes out of the node, and the options. */
export const outputProperties: INodeProperties[] = [
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'run',
		displayOptions: shownFor(FOR_RUNS),
		description: 'What the next node gets',
		options: [
			{
				name: 'Full Run',
				value: 'run',
				description: 'The run with its ID, status, progress and output',
			},
			{
				name: 'Workflow Output Only',
				value: 'output',
				description:
					'Only what the Result Node of the Dibby workflow gives. A run without an output yet comes whole.',
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: shownFor(FOR_RUNS),
		options: [
			{
				displayName: 'Documents to Binary Fields',
				name: 'documentsAsFiles',
				type: 'boolean',
				default: true,
				description:
					'Whether documents in the output become files of the item. When off, they stay in the JSON as data URIs.',
			},
			{
				displayName: 'Poll Interval (Seconds)',
				name: 'pollInterval',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				displayOptions: whenWaiting,
				description:
					'How often to ask Dibby for the run. 0 is automatic: about every second at first, then less often the longer it takes, down to every 30 seconds.',
			},
			{
				displayName: 'Requests at Once',
				name: 'requestsAtOnce',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_REQUESTS_AT_ONCE,
				description:
					'How many requests to Dibby may be under way at the same time when there are many items',
			},
			{
				displayName: 'When the Run Fails',
				name: 'whenRunFails',
				type: 'options',
				default: 'error',
				displayOptions: whenWaiting,
				description: 'What to do when Dibby reports that the run failed',
				options: [
					{
						name: 'Stop With an Error',
						value: 'error',
						description: "The error says after which step, and carries the run's ID",
					},
					{
						name: 'Return the Run',
						value: 'return',
						description: 'The next node gets the run, with the status FAILED',
					},
				],
			},
			{
				displayName: 'When Time Runs Out',
				name: 'whenTimeRunsOut',
				type: 'options',
				default: 'error',
				displayOptions: whenWaiting,
				description: 'What to do when the run is not finished at the time limit',
				options: [
					{
						name: 'Stop With an Error',
						value: 'error',
						description:
							"The error carries the run's ID, with which Get Run fetches the result later",
					},
					{
						name: 'Return the Run',
						value: 'return',
						description: 'The next node gets the run as it is, with its ID and status',
					},
				],
			},
		],
	},
];
