import type { AssignmentCollectionValue, INodeParameterResourceLocator } from 'n8n-workflow';

import { createRun, unknownStartError } from '../api/createRun';
import { fetchRun } from '../api/fetchRun';
import { DibbyError } from '../errors';
import { inputsOf } from '../input/inputs';
import type { InputParameters } from '../input/inputs';
import { workflowIdOf } from '../input/workflowId';
import { joinBatch } from '../items/batch';
import type { BatchItem, ItemPlan } from '../items/itemPlan';
import { startLogOf } from '../items/startedRuns';
import type { Completion, DibbyRun, ItemContext, RequestTemplate, RunRequest } from '../types';
import { readCompletion } from './completion';
import type { OperationDefinition } from './definition';
import { asChoice } from './parameters';
import { workflowParameter } from './workflowParameter';

/** Trigger Run: the item's files and fields become inputs, the inputs a run. */
export const triggerRun: OperationDefinition = {
	value: 'triggerRun',
	name: 'Trigger Run',
	action: 'Trigger a run',
	description:
		'Start a Dibby workflow with files and fields of the item, and get its result if you wait',
	parameters: [
		workflowParameter,
		{
			displayName: 'Specify Inputs',
			name: 'specifyInputs',
			type: 'options',
			noDataExpression: true,
			default: 'fields',
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
		},
		{
			displayName: 'Inputs',
			name: 'fields',
			type: 'assignmentCollection',
			default: {},
			displayOptions: { show: { specifyInputs: ['fields'] } },
			description:
				'Drag fields in from the left. Choose Binary Data for a document, and enter the name of its binary field as the value.',
		},
		{
			displayName: 'JSON',
			name: 'jsonInputs',
			type: 'json',
			default: '{}',
			displayOptions: { show: { specifyInputs: ['json'] } },
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
	],
	async hook(requestData) {
		return await joinBatch(this, requestData.options as RequestTemplate, prepare);
	},
};

async function prepare(context: ItemContext): Promise<ItemPlan> {
	const request = await readRequest(context);
	const completion = readCompletion(context);
	return { completion, begin: async (item) => await startOrFind(item, request, completion) };
}

async function readRequest(context: ItemContext): Promise<RunRequest> {
	const workflow = context.getNodeParameter('workflow') as INodeParameterResourceLocator;
	const { json, binary } = context.getInputData();
	const hasFilesInJson = context.getWorkflowSettings?.().binaryMode === 'combined';
	return {
		workflowId: workflowIdOf(workflow.mode, workflow.value),
		inputs: await inputsOf(context, { json, binary, hasFilesInJson }, readInputs(context)),
	};
}

function readInputs(context: ItemContext): InputParameters {
	const { rows = [] } = context.getNodeParameter('documents', {}) as {
		rows?: InputParameters['documents'];
	};
	return { values: readValues(context), documents: rows };
}

function readValues(context: ItemContext): InputParameters['values'] {
	const source = context.getNodeParameter('specifyInputs', 'fields');
	switch (asChoice('Specify Inputs', source, ['fields', 'json', 'item'])) {
		case 'json':
			return { json: context.getNodeParameter('jsonInputs', '{}') as unknown };
		case 'item':
			return 'item';
		case 'fields': {
			const { assignments = [] } = context.getNodeParameter('fields', {
				assignments: [],
			}) as AssignmentCollectionValue;
			return { fields: assignments };
		}
	}
}

/** Starts the run, or finds the one that an earlier try of the node started for this item. */
async function startOrFind(
	item: BatchItem,
	request: RunRequest,
	{ waits, whenRunFails }: Completion,
): Promise<DibbyRun | undefined> {
	const log = startLogOf(item.context, request, item.runIndex());
	item.startLog = log;
	const { earlier } = log;
	if (earlier?.runId !== undefined) {
		const run = await fetchRun(item.connection, earlier.runId);
		// A failed run was the error that ended the earlier try: the next one is there to start another.
		const isWorthAnother = run?.status === 'FAILED' && waits && whenRunFails === 'error';
		if (!isWorthAnother) return run;
	} else if (earlier?.isSameExecution) {
		throw new DibbyError(earlier.error ?? unknownStartError(request));
	}
	return await createRun(item.connection, request, log);
}
