import type { INodeProperties } from 'n8n-workflow';

import { WORKFLOW_ID, WORKFLOW_PAGE } from '../request/workflowId';
import { shownFor } from './operation';

/** What a run is started with: the workflow, its inputs, its documents. */
export const triggerRunProperties: INodeProperties[] = [
	{
		displayName: 'Workflow',
		name: 'workflow',
		type: 'resourceLocator',
		default: { mode: 'url', value: '' },
		required: true,
		displayOptions: shownFor(['triggerRun']),
		description: 'The Dibby workflow to run',
		modes: [
			{
				displayName: 'From URL',
				name: 'url',
				type: 'string',
				placeholder: 'e.g. https://dibby.ai/application/…/workflow/…',
				hint: 'Open the workflow in Dibby and copy the address of the page',
				validation: [
					{
						type: 'regex',
						properties: {
							regex: WORKFLOW_PAGE,
							errorMessage:
								"Paste the address of the workflow's page, with /application/ and /workflow/ in it",
						},
					},
				],
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
				hint: "The second ID in the address of the workflow's page",
				validation: [
					{
						type: 'regex',
						properties: {
							regex: WORKFLOW_ID,
							errorMessage: 'A workflow ID looks like 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
						},
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
		default: 'fields',
		displayOptions: shownFor(['triggerRun']),
		description: 'How to give the inputs that the Start Node of the Dibby workflow asks for',
		options: [
			{
				name: 'Using Fields Below',
				value: 'fields',
				description: 'One row for each input, with its type',
			},
			{
				name: 'Using JSON',
				value: 'json',
				description: 'All inputs in one JSON object',
			},
			{
				name: 'From the Incoming Item',
				value: 'item',
				description: 'Every field of the item becomes the input of the same name',
			},
		],
	},
	{
		displayName:
			"Names and types must be exactly those of the workflow's Start Node. Open it in Dibby to see them.",
		name: 'inputsNotice',
		type: 'notice',
		default: '',
		displayOptions: shownFor(['triggerRun']),
	},
	{
		displayName: 'Inputs',
		name: 'fields',
		type: 'assignmentCollection',
		default: {},
		displayOptions: shownFor(['triggerRun'], { specifyInputs: ['fields'] }),
		description:
			'Drag fields in from the left. Choose Binary Data for a document, and enter the name of its binary field as the value.',
	},
	{
		displayName: 'JSON',
		name: 'jsonInputs',
		type: 'json',
		default: '{}',
		displayOptions: shownFor(['triggerRun'], { specifyInputs: ['json'] }),
		description:
			'A JSON object with a member for each input, such as {"vendor": "ACME", "total": 12.5}. Files go into Documents.',
	},
	{
		displayName: 'Documents',
		name: 'documents',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Document',
		default: {},
		displayOptions: shownFor(['triggerRun']),
		description: 'Files of the incoming item to send as inputs',
		options: [
			{
				displayName: 'Document',
				name: 'rows',
				values: [
					{
						displayName: 'Input Name',
						name: 'inputName',
						type: 'string',
						default: '',
						placeholder: 'e.g. invoice',
						description: 'The name of the input, exactly as the Start Node has it',
					},
					{
						displayName: 'Input Binary Field',
						name: 'binaryField',
						type: 'string',
						default: 'data',
						placeholder: 'e.g. data or attachment_*',
						hint: 'The name of the binary field with the file, several with commas, or a pattern',
						description:
							'Where the file is in the incoming item. A * stands for any characters: attachment_* takes all attachments of an email.',
					},
					{
						displayName: 'Send As',
						name: 'sendAs',
						type: 'options',
						default: 'single',
						description: 'Whether the Start Node asks for one document or for a list of them',
						options: [
							{ name: 'Single Document', value: 'single' },
							{ name: 'List of Documents', value: 'list' },
						],
					},
				],
			},
		],
	},
];
