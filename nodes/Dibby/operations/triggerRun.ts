import { createRun, unknownStartError } from '../api/createRun';
import { DibbyError } from '../errors';
import { joinBatch } from '../items/joinBatch';
import type { BatchItem, ItemPlan } from '../items/itemPlan';
import { startLogOf } from '../items/startedRuns';
import type { Completion, DibbyRun, ItemContext, RequestTemplate, RunRequest } from '../types';
import { findRun } from '../waiting/poll';
import { readCompletion } from './readCompletion';
import type { OperationDefinition } from './definition';
import { readRequest } from './readRequest';

/** Trigger Run: the item's files and fields become inputs, the inputs a run. */
export const triggerRun: OperationDefinition = {
	value: 'triggerRun',
	name: 'Trigger Run',
	action: 'Run document workflow',
	description:
		'Start a Dibby workflow with files and fields of the item, and get its result if you wait',
	parameters: [
		// Without n8n's `validation`: n8n runs its regular expressions when a workflow starts too, within 250 ms of wall clock
		// (`safeRegex` in n8n-workflow), and on a busy machine the workflow then fails. The node checks the value itself.
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
					hint: 'Open the workflow in Dibby and copy the address of the page',
				},
				{
					displayName: 'By ID',
					name: 'id',
					type: 'string',
					placeholder: 'e.g. 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
					hint: "The second ID in the address of the workflow's page",
				},
			],
		},
		{
			displayName: 'Documents',
			name: 'documents',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Document',
			default: {},
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
								"The name of the document's input, exactly as the Start Node of the Dibby workflow has it",
						},
						{
							displayName: 'Input Binary Field',
							name: 'binaryField',
							type: 'string',
							default: 'data',
							placeholder: 'e.g. data or attachment_*',
							hint: 'The name that the Binary tab on the left shows above the file. Several with commas, or a pattern.',
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
		{
			displayName: 'Specify Inputs',
			name: 'specifyInputs',
			type: 'options',
			noDataExpression: true,
			default: 'fields',
			description: 'How to give the inputs that the Start Node of the Dibby workflow asks for',
			// No notice of its own: with one, Wait for Completion is below the fold of a window of 900 pixels.
			hint: 'Names and types as in the Start Node, files into Documents',
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
				'Every field of the item is sent to Dibby, private ones too. To send only what the workflow needs, choose Using Fields Below, or put an Edit Fields node in front.',
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
				'Drag fields in from the left, and name each row as the Start Node names the input. Choose its type too.',
		},
		{
			displayName: 'JSON',
			name: 'jsonInputs',
			type: 'json',
			default: '{\n  "my_input_1": "value",\n  "my_input_2": 1\n}',
			displayOptions: { show: { specifyInputs: ['json'] } },
			description:
				'A JSON object with a member for each input, such as {"vendor": "ACME", "total": 12.5}. Files go into Documents.',
		},
	],
	async hook(requestData) {
		return await joinBatch(this, requestData.options as RequestTemplate, prepare);
	},
};

async function prepare(context: ItemContext, isToolCall: boolean): Promise<ItemPlan> {
	const { request, workflowPage } = await readRequest(context, isToolCall);
	const completion = { ...readCompletion(context, isToolCall), workflowPage };
	return { completion, begin: async (item) => await startOrFind(item, request, completion) };
}

/** Starts the run, or finds the one that an earlier try of the node started for this item. */
async function startOrFind(
	item: BatchItem,
	request: RunRequest,
	completion: Completion,
): Promise<DibbyRun | undefined> {
	const log = startLogOf(item.context, request, item.engineLoop);
	item.startLog = log;
	const { earlier } = log;
	if (earlier?.runId !== undefined) {
		const run = await findRun(item.connection, earlier.runId, completion);
		// A failed run was the error that ended the earlier try: the next one is there to start another. A model, though,
		// calls again by itself, and would pay each time.
		const { waits, whenRunFails } = completion;
		const isTryOfModel = item.engineLoop.isToolCall && earlier.isSameExecution;
		const isWorthAnother =
			run?.status === 'FAILED' && waits && whenRunFails === 'error' && !isTryOfModel;
		if (!isWorthAnother) return run;
	} else if (earlier?.isSameExecution) {
		throw new DibbyError(earlier.error ?? unknownStartError(request, item.connection.redact));
	}
	return await createRun(item.connection, request, log);
}
