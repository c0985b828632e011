import type { INodeProperties } from 'n8n-workflow';

export const DEFAULT_MAX_PARALLEL_REQUESTS = 4;

/** About 500 tokens: enough for the fields of an invoice, and a hundred calls still fit into a model's context. */
export const DEFAULT_MAX_AGENT_RESULT = 2_000;

/** For options that only matter while the node waits. */
const whenWaiting = { show: { '/waitForCompletion': [true] } };

/** An agent's tool can't sleep, so it doesn't offer the choice. */
export const NOT_IN_TOOLS = { hide: { '@tool': [true] } };

const POSITIVE_OR_ZERO = { type: 'number', typeOptions: { minValue: 0 } } as const;

const errorOrReturn = (error: string, run: string) => [
	{ name: 'Stop With an Error', value: 'error', description: error },
	{ name: 'Return the Run', value: 'return', description: run },
];

/** The parameters that both operations share: whether and how long to wait, the output, and the options. */
export const completionParameters: INodeProperties[] = [
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: true,
		description:
			"Whether to wait for the run to finish and output its result. If turned off, the node outputs the run's ID right away, and the run continues in Dibby.",
	},
	{
		displayName: 'While Waiting',
		name: 'whileWaiting',
		type: 'options',
		noDataExpression: true,
		default: 'active',
		displayOptions: { show: { waitForCompletion: [true] }, ...NOT_IN_TOOLS },
		description: 'What n8n does with this execution until the run finishes',
		options: [
			{
				name: 'Stay Active',
				value: 'active',
				description:
					'Best for runs that take minutes. The result arrives soon after the run finishes. If n8n stops before that, the execution is lost, but the run continues in Dibby.',
			},
			{
				name: 'Sleep',
				value: 'sleep',
				description:
					'Best for runs that wait for a person or take hours or days. n8n stores the execution and wakes it up to check on the run. A sleeping execution survives restarts and uses no memory.',
			},
		],
	},
	{
		displayName:
			"While this execution sleeps, n8n lists two waiting executions: this one, and a helper that checks on the run. Don't stop either one. If a webhook or form is set to respond when the last node finishes, it responds right away, without the result.",
		name: 'sleepNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { waitForCompletion: [true], whileWaiting: ['sleep'] } },
	},
	{
		displayName: 'Time Limit (Minutes)',
		name: 'timeLimit',
		...POSITIVE_OR_ZERO,
		default: 10,
		displayOptions: { show: { waitForCompletion: [true] }, hide: { whileWaiting: ['sleep'] } },
		description:
			'How long to wait for the run to finish. If the limit is reached, the run continues in Dibby.',
	},
	{
		displayName: 'Time Limit (Days)',
		name: 'timeLimitDays',
		...POSITIVE_OR_ZERO,
		default: 7,
		displayOptions: { show: { waitForCompletion: [true], whileWaiting: ['sleep'] } },
		description:
			'How long to wait for the run to finish, for example 7 or 0.5. If the limit is reached, the run continues in Dibby.',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'output',
		displayOptions: { show: { waitForCompletion: [true] } },
		description: 'What the node outputs',
		options: [
			{
				name: 'Full Run',
				value: 'run',
				description: 'The run with its ID, status, progress, and output',
			},
			{
				name: 'Selected Fields',
				value: 'fields',
				description: "Only some fields of the workflow's output",
			},
			{
				name: 'Workflow Output Only',
				value: 'output',
				description:
					"The output of the Dibby workflow's Result Node, plus the run's ID as dibbyRunId. If a run has failed or is still in progress, the node returns the full run.",
			},
		],
	},
	{
		displayName: 'Fields',
		name: 'outputFields',
		type: 'string',
		default: '',
		placeholder: 'e.g. vendor, total',
		displayOptions: { show: { waitForCompletion: [true], output: ['fields'] } },
		description: 'The names of the fields to output, separated by commas',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Check Every (Seconds)',
				name: 'pollInterval',
				...POSITIVE_OR_ZERO,
				default: 0,
				displayOptions: whenWaiting,
				description:
					'How often to check on the run. With 0, the interval grows automatically, from about 1 second to 30 seconds. While an execution sleeps, n8n checks every 1 to 15 minutes instead.',
			},
			{
				displayName: 'Convert Documents to Files',
				name: 'documentsAsFiles',
				type: 'boolean',
				default: true,
				description:
					'Whether to convert documents in the output to files on the item. If turned off, they stay in the JSON as data URIs.',
			},
			{
				displayName: 'Keep Source',
				name: 'keepSource',
				type: 'options',
				default: 'both',
				displayOptions: NOT_IN_TOOLS,
				description: "What to keep of the incoming item in addition to the run's result",
				options: [
					{ name: 'JSON', value: 'json', description: 'Include the fields of the incoming item' },
					{
						name: 'Binary',
						value: 'binary',
						description: 'Include the files of the incoming item',
					},
					{ name: 'Both', value: 'both', description: 'Include both fields and files' },
				],
			},
			{
				displayName: 'Max Parallel Requests',
				name: 'requestsAtOnce',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_MAX_PARALLEL_REQUESTS,
				description:
					'How many requests the node sends to Dibby at the same time if there are many items',
			},
			{
				displayName: 'Max Result Length (Characters)',
				name: 'agentAnswerLimit',
				...POSITIVE_OR_ZERO,
				default: DEFAULT_MAX_AGENT_RESULT,
				displayOptions: { show: { '@tool': [true] } },
				description:
					'Maximum number of characters of a result that the agent receives. The node shortens longer results and adds a note. Set to 0 for no limit. Document contents are never included.',
			},
			{
				displayName: 'When the Run Fails',
				name: 'whenRunFails',
				type: 'options',
				default: 'error',
				displayOptions: whenWaiting,
				description: 'What to do if Dibby reports that the run failed',
				options: errorOrReturn(
					"The error includes the run's ID and the number of completed steps",
					'Output the run with the status FAILED',
				),
			},
			{
				displayName: 'When Time Runs Out',
				name: 'whenTimeRunsOut',
				type: 'options',
				default: 'error',
				displayOptions: whenWaiting,
				description: "What to do if the run hasn't finished at the time limit",
				options: errorOrReturn(
					"The error includes the run's ID, so that you can get the result later with 'Get Run'",
					'Output the unfinished run with its ID and latest status',
				),
			},
		],
	},
];
