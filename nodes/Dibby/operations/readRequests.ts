import type { INodeExecutionData, INodeParameterResourceLocator } from 'n8n-workflow';

import { filesOfAgent } from '../execution/agents';
import type { Caller } from '../execution/agents';
import type { DocumentRow } from '../input/documents';
import { inputsOf, unmatchedFiles } from '../input/inputs';
import type { InputParameters } from '../input/inputs';
import type { FieldRow } from '../input/valueInputs';
import { workflowIdOf, workflowPageOf } from '../input/workflowId';
import { keepsFilesInJson } from '../types';
import type { ItemContext, RunRequest } from '../types';
import { readChoice } from './readParameters';

/** A run to start for an item. */
interface PlannedRequest {
	request: RunRequest;
	/** The binary field whose file the run is for, if each file gets its own run. */
	field?: string;
	/** The item with only that file. */
	item: INodeExecutionData;
}

const SEND_AS = ['single', 'list', 'each'] as const;

/**
 * Reads which runs to start for an item, and the page of their workflow.
 *
 * @returns one request, or with 'One Run per Document' one for each matching file
 * @throws DibbyError for an invalid value or a missing file
 */
export async function readRequests(
	context: ItemContext,
	caller: Caller,
): Promise<{ planned: PlannedRequest[]; workflowPage?: string }> {
	const given = context.getNodeParameter('workflow') as
		string | INodeParameterResourceLocator | null;
	// Workflows written by hand may have text instead of n8n's object.
	const workflow = typeof given === 'string' ? given : given?.value;
	const workflowId = workflowIdOf(workflow);
	const item = context.getInputData();
	const source = {
		json: item.json,
		binary: caller === 'workflow' ? item.binary : filesOfAgent(context),
		hasFilesInJson: keepsFilesInJson(context),
	};
	const parameters = { values: readValues(context), documents: readDocuments(context, caller) };
	const unsentFiles = unmatchedFiles(source, parameters);
	const runs = await inputsOf(context, source, parameters);
	const planned = runs.map(({ inputs, file }) => ({
		request: { workflowId, inputs, unsentFiles },
		field: file?.field,
		item: file === undefined ? item : { ...item, binary: { [file.field]: file.file } },
	}));
	return { planned, workflowPage: workflowPageOf(workflow) };
}

function readDocuments(context: ItemContext, caller: Caller): DocumentRow[] {
	const { rows = [] } = context.getNodeParameter('documents', {}) as { rows?: DocumentRow[] };
	// An agent gets one result for a call.
	const choices = caller === 'workflow' ? SEND_AS : SEND_AS.slice(0, 2);
	return rows.map((row) => ({ ...row, sendAs: readChoice('Send As', row.sendAs, choices) }));
}

function readValues(context: ItemContext): InputParameters['values'] {
	const source = context.getNodeParameter('specifyInputs', 'none');
	switch (readChoice('Specify Inputs', source, ['none', 'fields', 'json', 'item'])) {
		case 'none':
			return { fields: [] };
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
