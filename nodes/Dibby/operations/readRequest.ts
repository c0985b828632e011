import type { AssignmentCollectionValue, INodeParameterResourceLocator } from 'n8n-workflow';

import { inputsOf } from '../input/inputs';
import type { InputParameters } from '../input/inputs';
import { workflowIdOf, workflowPageOf } from '../input/workflowId';
import { filesOfAgent } from '../items/agentFiles';
import type { ItemContext, RunRequest } from '../types';
import { asChoice } from './parameters';

/**
 * Reads which run Trigger Run is to start, once for each item, and where its workflow's page is.
 *
 * @throws DibbyError for a value that the node can't use, and for a file that is not there
 */
export async function readRequest(
	context: ItemContext,
	isToolCall: boolean,
): Promise<{ request: RunRequest; workflowPage?: string }> {
	const workflow = context.getNodeParameter('workflow') as INodeParameterResourceLocator;
	const workflowId = workflowIdOf(workflow.mode, workflow.value);
	const { json, binary } = context.getInputData();
	const item = {
		json,
		binary: isToolCall ? filesOfAgent(context) : binary,
		hasFilesInJson: context.getWorkflowSettings?.().binaryMode === 'combined',
	};
	const { rows = [] } = context.getNodeParameter('documents', {}) as {
		rows?: InputParameters['documents'];
	};
	const documents = rows.map((row) => ({
		...row,
		sendAs: asChoice('Send As', row.sendAs, ['single', 'list']),
	}));
	const inputs = await inputsOf(context, item, { values: readValues(context), documents });
	return { request: { workflowId, inputs }, workflowPage: workflowPageOf(workflow.value) };
}

function readValues(context: ItemContext): InputParameters['values'] {
	const source = context.getNodeParameter('specifyInputs', 'fields');
	switch (asChoice('Specify Inputs', source, ['fields', 'json', 'item'])) {
		case 'json':
			return { json: context.getNodeParameter('jsonInputs', '{}') as unknown };
		case 'item':
			return 'item';
		case 'fields': {
			const none: AssignmentCollectionValue = { assignments: [] };
			return {
				fields: (context.getNodeParameter('fields', none) as typeof none).assignments ?? [],
			};
		}
	}
}
