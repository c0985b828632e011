import type { INodeParameterResourceLocator } from 'n8n-workflow';

import { filesOfAgent } from '../execution/agents';
import { inputsOf } from '../input/inputs';
import type { InputParameters } from '../input/inputs';
import type { FieldRow } from '../input/valueInputs';
import { workflowIdOf, workflowPageOf } from '../input/workflowId';
import type { ItemContext, RunRequest } from '../types';
import { readChoice } from './readParameters';

/**
 * Reads which run to start for an item, and the page of its workflow.
 *
 * @throws DibbyError for an invalid value or a missing file
 */
export async function readRequest(
	context: ItemContext,
	isToolCall: boolean,
): Promise<{ request: RunRequest; workflowPage?: string }> {
	const given = context.getNodeParameter('workflow') as
		string | INodeParameterResourceLocator | null;
	// Workflows written by hand may have text instead of n8n's object.
	const workflow = typeof given === 'string' ? given : given?.value;
	const workflowId = workflowIdOf(workflow);
	const { json, binary } = context.getInputData();
	const item = {
		json,
		binary: isToolCall ? filesOfAgent(context) : binary,
		hasFilesInJson: context.getWorkflowSettings().binaryMode === 'combined',
	};
	const { rows = [] } = context.getNodeParameter('documents', {}) as {
		rows?: InputParameters['documents'];
	};
	const documents = rows.map((row) => ({
		...row,
		sendAs: readChoice('Send As', row.sendAs, ['single', 'list']),
	}));
	const inputs = await inputsOf(context, item, { values: readValues(context), documents });
	return { request: { workflowId, inputs }, workflowPage: workflowPageOf(workflow) };
}

function readValues(context: ItemContext): InputParameters['values'] {
	const source = context.getNodeParameter('specifyInputs', 'fields');
	switch (readChoice('Specify Inputs', source, ['fields', 'json', 'item'])) {
		case 'json':
			return { json: context.getNodeParameter('jsonInputs', '{}') as unknown };
		case 'item':
			return 'item';
		case 'fields': {
			const rows = context.getNodeParameter('fields', {}) as { assignments?: FieldRow[] | null };
			return { fields: rows.assignments ?? [] };
		}
	}
}
