import type { INodeProperties } from 'n8n-workflow';

/** Requests of one node that may be under way at once, unless the user chooses another number. */
export const DEFAULT_REQUESTS_AT_ONCE = 4;

/** About 500 tokens: room for the fields of an invoice, and a hundred calls still fit into a model's context. */
export const DEFAULT_ANSWER_LIMIT = 2_000;

/** Shown only where there is something to wait for. */
const whenWaiting = { show: { '/waitForCompletion': [true] } };

/** An agent's tool can't sleep: its form has no choice, and no word of it. */
const NOT_IN_TOOLS = { '@tool': [true] };

/** What all operations that give a run share: whether and how long to wait, what comes out, and the options. */
export const completionParameters: INodeProperties[] = [
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: true,
		description:
			"Whether to wait until the run is finished, so that the next node gets its result. When off, the node gives the run's ID right away and the run goes on in Dibby.",
	},
	{
		displayName: 'While Waiting',
		name: 'whileWaiting',
		type: 'options',
		noDataExpression: true,
		default: 'active',
		displayOptions: { show: { waitForCompletion: [true] }, hide: NOT_IN_TOOLS },
		description: 'What n8n does with this execution until the run is finished',
		options: [
			{
				name: 'Stay Active',
				value: 'active',
				description:
					'For minutes. The result comes as soon as the run is finished. Choose it when a webhook or a form answers with the result.',
			},
			{
				name: 'Sleep',
				value: 'sleep',
				description:
					'For hours and days. n8n stores the execution and wakes it to ask for the run. It survives restarts and holds no memory.',
			},
		],
	},
	{
		displayName: 'A run that waits for a person can take days: choose Sleep',
		name: 'waitingNotice',
		type: 'notice',
		default: '',
		displayOptions: {
			show: { waitForCompletion: [true], whileWaiting: ['active'] },
			hide: NOT_IN_TOOLS,
		},
	},
	{
		displayName:
			'The list of executions shows two of this workflow as waiting: this one, and one that asks for the run. Stop neither. A webhook or form answers at once, without the result.',
		name: 'sleepNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { waitForCompletion: [true], whileWaiting: ['sleep'] } },
	},
	{
		displayName: 'Time Limit (Minutes)',
		name: 'timeLimit',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 10,
		displayOptions: { show: { waitForCompletion: [true] }, hide: { whileWaiting: ['sleep'] } },
		description: 'How long to wait for the run. It goes on in Dibby when the limit is reached.',
	},
	{
		displayName: 'Time Limit (Days)',
		name: 'timeLimitDays',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 7,
		displayOptions: { show: { waitForCompletion: [true], whileWaiting: ['sleep'] } },
		description:
			'How long to wait for the run, such as 7 or 0.5. It goes on in Dibby when the limit is reached.',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'output',
		displayOptions: { show: { waitForCompletion: [true] } },
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
					"What the Result Node of the Dibby workflow gives, and the run's ID as dibbyRunId. A run without an output comes whole.",
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
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
				displayName: 'Longest Agent Answer (Characters)',
				name: 'agentAnswerLimit',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: DEFAULT_ANSWER_LIMIT,
				displayOptions: { show: { '@tool': [true] } },
				description:
					'How much of a result the agent gets. A longer one is shortened, and says so. 0 is no limit. The content of documents is never in it.',
			},
			{
				displayName: 'Poll Interval (Seconds)',
				name: 'pollInterval',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				displayOptions: whenWaiting,
				description:
					'How often to ask Dibby for the run. 0 is automatic: about every second at first, then less often the longer it takes, down to every 30 seconds. While the execution sleeps, n8n has its own times.',
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
