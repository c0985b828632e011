import type { IDataObject, INodeParameterResourceLocator } from 'n8n-workflow';

import { inputsOf } from '../input/inputs';
import type { FieldRow, InputParameters } from '../input/inputs';
import { readItemFields } from '../input/itemFields';
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
	const given = context.getNodeParameter('workflow') as string | INodeParameterResourceLocator;
	// The editor always says how it was entered; who writes a workflow by hand may leave that out.
	const workflow = typeof given === 'string' ? { mode: 'id', value: given } : given;
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
	const inputs = await inputsOf(context, item, {
		values: readValues(context, isToolCall),
		documents,
	});
	return { request: { workflowId, inputs }, workflowPage: workflowPageOf(workflow.value) };
}

function readValues(context: ItemContext, isToolCall: boolean): InputParameters['values'] {
	const source = context.getNodeParameter('specifyInputs', 'fields');
	switch (asChoice('Specify Inputs', source, ['fields', 'json', 'item'])) {
		case 'json':
			return { json: context.getNodeParameter('jsonInputs', '{}') as unknown };
		case 'item':
			return 'item';
		case 'fields':
			return { fields: readFields(context, isToolCall) };
	}
}

function readFields(context: ItemContext, isToolCall: boolean): FieldRow[] {
	const { fields } = context.getExecuteData().node.parameters;
	// With an agent, that may be the agent's node.
	const rows = isToolCall ? undefined : (fields as IDataObject | undefined)?.assignments;
	const read = Array.isArray(rows)
		? readItemFields(rows as FieldRow[], context.getInputData().json)
		: undefined;
	if (read !== undefined) return read;
	const given = context.getNodeParameter('fields', {}) as { assignments?: FieldRow[] | null };
	return given.assignments ?? [];
}
