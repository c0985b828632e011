import type { INodeParameterResourceLocator } from 'n8n-workflow';

import { filesOfAgent } from '../execution/agents';
import type { Caller } from '../execution/agents';
import { inputError } from '../errors';
import type { DocumentRow } from '../input/documents';
import { inputsOf, unmatchedFiles } from '../input/inputs';
import type { FieldRow, InputParameters } from '../input/inputs';
import { keepsFilesInJson } from '../types';
import type { ItemContext } from '../types';
import { readChoice } from './readParameters';

const UUID = '[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}';

/** A workflow's ID: on its own, or after /workflow/ in a URL. */
const WORKFLOW_ID = new RegExp(`^(${UUID})$|/workflow/(${UUID})(?![\\w-])`, 'i');

/** The URL of a workflow's page, with or without a language, and without everything that may follow. */
const WORKFLOW_PAGE = new RegExp(
	`^(?:https://)?([\\w.-]+(?::\\d+)?(?:/[\\w-]{2,10})?/application/${UUID}/workflow/${UUID})(?![\\w-])`,
	'i',
);

/**
 * Reads which runs to start for an item: one, or with 'One Run per Document' one for each matching file, together with
 * its binary field and an item that has only this file. Throws a DibbyError for an invalid value or a missing file.
 */
export async function readRequests(context: ItemContext, caller: Caller) {
	const given = context.getNodeParameter('workflow') as
		string | INodeParameterResourceLocator | null;
	// Workflows written by hand may have text instead of n8n's object.
	const workflow = String(typeof given === 'string' ? given : given?.value).trim();
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
	const choices = (['single', 'list', 'each'] as const).slice(0, caller === 'workflow' ? 3 : 2);
	return rows.map((row) => ({ ...row, sendAs: readChoice('Send As', row.sendAs, choices) }));
}

function readValues(context: ItemContext): InputParameters['values'] {
	const given = context.getNodeParameter('specifyInputs', 'none');
	const source = readChoice('Specify Inputs', given, ['none', 'fields', 'json', 'item'] as const);
	if (source === 'item') return source;
	if (source === 'none') return { fields: [] };
	if (source === 'json') return { json: context.getNodeParameter('jsonInputs', '{}') };
	const rows = context.getNodeParameter('fields', {}) as { assignments?: FieldRow[] | null };
	return { fields: rows.assignments ?? [] };
}

/** The URL of the workflow's page, if 'Workflow' contains it. It is safe to show as a link. */
export function workflowPageOf(text: string): string | undefined {
	const page = WORKFLOW_PAGE.exec(text)?.[1];
	return page && `https://${page}`;
}

/** Reads the workflow's ID from 'Workflow', which may contain a URL or an ID. Throws a DibbyError if it doesn't. */
function workflowIdOf(text: string): string {
	const [, bare, fromUrl] = WORKFLOW_ID.exec(text) ?? [];
	const id = bare ?? fromUrl;
	if (id !== undefined) return id.toLowerCase();
	throw inputError(
		"'Workflow' doesn't contain the URL or ID of a Dibby workflow",
		'The URL looks like https://dibby.ai/application/…/workflow/…, with an ID in both places. Open the workflow in Dibby and copy its URL.',
	);
}
