import { NOT_IN_TOOLS } from './completion';
import type { Operation } from './operation';
import { planRuns } from './planRuns';

/** Trigger Run: the item's files and fields become inputs, and the inputs a run. */
export const triggerRun: Operation = {
	value: 'triggerRun',
	name: 'Trigger Run',
	action: 'Run document workflow',
	description:
		'Start a Dibby workflow with files and fields from the item, and optionally wait for its result',
	request: { method: 'POST', url: '/runs' },
	parameters: [
		// The node checks the value itself. n8n's own `validation` must match within 250 ms when a workflow starts
		// (`safeRegex` in n8n-workflow), and fails on a busy machine.
		{
			displayName: 'Workflow',
			name: 'workflow',
			type: 'resourceLocator',
			default: { mode: 'url', value: '' },
			required: true,
			description: 'The Dibby workflow to run',
			modes: [
				{
					displayName: 'By URL',
					name: 'url',
					type: 'string',
					placeholder: 'e.g. https://dibby.ai/application/…/workflow/…',
					hint: 'Open the workflow in Dibby and copy the URL from your browser',
				},
				{
					displayName: 'By ID',
					name: 'id',
					type: 'string',
					placeholder: 'e.g. 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
					hint: "The ID after /workflow/ in the URL of the workflow's page",
				},
			],
		},
		{
			displayName: 'Documents',
			name: 'documents',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Document',
			default: { rows: [{ inputName: '', binaryField: 'data', sendAs: 'single' }] },
			description: 'Files of the incoming item, such as a PDF, to send as inputs',
			options: [
				{
					displayName: 'Document',
					name: 'rows',
					values: [
						{
							displayName: 'Start Node Input',
							name: 'inputName',
							type: 'string',
							default: '',
							placeholder: 'e.g. invoice',
							description:
								"The name of the input in the Dibby workflow's Start Node. It must match exactly.",
						},
						{
							displayName: 'Input Binary Field',
							name: 'binaryField',
							type: 'string',
							default: 'data',
							placeholder: 'e.g. data or attachment_*',
							hint: 'The field name shown above the file in the Binary tab on the left. Separate several names with commas, or use a pattern.',
							description:
								'The field of the incoming item that contains the file. Use * for any characters: attachment_* matches all attachments of an email.',
						},
						{
							displayName: 'Send As',
							name: 'sendAs',
							type: 'options',
							default: 'single',
							description:
								'How to send the matching files. The Start Node input must accept that form.',
							options: [
								{ name: 'Single Document', value: 'single' },
								{ name: 'List of Documents', value: 'list' },
								{
									name: 'One Run per Document',
									value: 'each',
									description:
										'Start a run for each matching file, and output an item for each run',
									displayOptions: NOT_IN_TOOLS,
								},
							],
						},
						{
							displayName: 'File Name Filter',
							name: 'fileNameFilter',
							type: 'string',
							default: '',
							placeholder: 'e.g. *.pdf, *.png',
							displayOptions: { show: { sendAs: ['list', 'each'] } },
							description:
								'Send only files whose names match, for example to leave out logos in an email. Separate several patterns with commas.',
						},
					],
				},
			],
		},
		{
			displayName: 'Specify Inputs',
			name: 'specifyInputs',
			type: 'options',
			noDataExpression: true,
			default: 'none',
			description: "How to provide the Start Node inputs that aren't documents",
			options: [
				{
					name: 'Documents Only',
					value: 'none',
					description: 'The Start Node has no other inputs',
				},
				{
					name: 'Using Fields Below',
					value: 'fields',
					description: 'Add one row per input, with its type',
				},
				{ name: 'Using JSON', value: 'json', description: 'Provide all inputs in one JSON object' },
				{
					name: 'From the Incoming Item',
					value: 'item',
					description: 'Send every field of the item as the input with the same name',
				},
			],
		},
		{
			displayName:
				"The node sends every field of the item to Dibby, including private data. To send only what the workflow needs, choose 'Using Fields Below' or add an Edit Fields node before this one.",
			name: 'itemNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { specifyInputs: ['item'] } },
		},
		{
			displayName: 'Inputs',
			name: 'fields',
			type: 'assignmentCollection',
			default: {},
			displayOptions: { show: { specifyInputs: ['fields'] } },
			description:
				"Drag fields in from the left. Name each row exactly like the Start Node input and choose its type. Add files under 'Documents'.",
		},
		{
			displayName: 'JSON',
			name: 'jsonInputs',
			type: 'json',
			default: '{\n  "my_input_1": "value",\n  "my_input_2": 1\n}',
			displayOptions: { show: { specifyInputs: ['json'] } },
			description:
				'A JSON object with one field per input, for example {"vendor": "ACME", "total": 12.5}. Add files under \'Documents\'.',
		},
	],
	prepare: planRuns,
};
