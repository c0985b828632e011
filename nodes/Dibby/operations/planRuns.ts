import type { IDataObject, INodeParameterResourceLocator } from 'n8n-workflow';

import { createRun, unknownStartError } from '../api/createRun';
import type { SeenRun } from '../api/fetchRun';
import { DibbyError, inputError } from '../errors';
import { filesOfAgent } from '../execution/agents';
import type { Caller } from '../execution/agents';
import { StartRecord } from '../execution/startedRuns';
import type { Plan, ReadyTask } from '../execution/task';
import type { DocumentRow } from '../input/documents';
import { FILES_IN_JSON } from '../input/files';
import type { FoundFile, InputItem } from '../input/files';
import { inputsOf, unmatchedFiles } from '../input/inputs';
import type { FieldRow, InputParameters } from '../input/inputs';
import { kindOf } from '../input/values';
import { keepsFilesInJson } from '../types';
import type { ItemContext, RunRequest } from '../types';
import { findRun } from '../waiting/poll';
import { readChoice, readCompletion, sourceOf } from './readParameters';

const UUID = '[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}';

/** A workflow's ID: on its own, or after /workflow/ in a URL. */
const WORKFLOW_ID = new RegExp(`^(${UUID})$|/workflow/(${UUID})(?![\\w-])`, 'i');

/** The URL of a workflow's page, with or without a language, and without everything that may follow. */
const WORKFLOW_PAGE = new RegExp(
	`^(?:https://)?([\\w.-]+(?::\\d+)?(?:/[\\w-]{2,10})?/application/${UUID}/workflow/${UUID})(?![\\w-])`,
	'i',
);

/**
 * Plans the runs to start for an item: one, or with 'One Run per Document' one for each matching file, whose result
 * belongs to an item that has only this file. Throws a DibbyError for an invalid value or a missing file.
 */
export async function planRuns(context: ItemContext, caller: Caller): Promise<Plan[]> {
	const given = context.getNodeParameter('workflow') as INodeParameterResourceLocator | null;
	// Workflows written by hand may have text instead of n8n's object.
	const workflow = String(given?.value ?? given).trim();
	const workflowId = workflowIdOf(workflow);
	const item = context.getInputData();
	const source = {
		json: item.json,
		binary: caller === 'workflow' ? item.binary : filesOfAgent(context),
		hasFilesInJson: keepsFilesInJson(context),
	};
	const parameters = { values: readValues(context), documents: readDocuments(context, caller) };
	const unsentFiles = unmatchedFiles(source, parameters);
	const runs = await inputsOf(context, source, parameters, unsentFiles);
	const completion = { ...readCompletion(context), workflowPage: workflowPageOf(workflow) };
	return runs.map(({ inputs, file }) => {
		const request = { workflowId, inputs, unsentFiles };
		return {
			field: file?.field,
			completion,
			source: sourceOf(file ? withOnly(file, source) : item, completion),
			begin: async (task) => await startOrFind(task, request, caller),
		};
	});
}

/** The item with only this one of its files. */
function withOnly({ field, file }: FoundFile, { json, hasFilesInJson }: InputItem) {
	const binary = { [field]: file };
	return hasFilesInJson
		? { json: { ...json, [FILES_IN_JSON]: binary } as IDataObject }
		: { json, binary };
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
	const { assignments = null, ...others } = rows ?? {};
	const isEmpty = assignments === null && Object.keys(others).length === 0;
	const fields = isEmpty ? [] : assignments;
	if (Array.isArray(fields) && fields.every((row) => kindOf(row) === 'object')) return { fields };
	throw inputError(
		"'Inputs' isn't a list of fields",
		'Add the fields again in the editor. An expression or a workflow written by hand may have changed them.',
	);
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

/** Starts the run, or finds the one that an earlier attempt started for this item. */
async function startOrFind(
	task: ReadyTask,
	request: RunRequest,
	caller: Caller,
): Promise<SeenRun | undefined> {
	const { connection, plan } = task;
	const start = new StartRecord(connection.context, request, caller, plan.field, task.starts);
	task.start = start;
	const { earlier } = start;
	if (earlier?.runId !== undefined) {
		const seen = await findRun(connection, earlier.runId, plan.completion, true);
		const isFailed = seen?.run.status === 'FAILED';
		if (!isFailed || !shouldStartAgain(task, caller, earlier.isSameExecution)) return seen;
	} else if (earlier?.isSameExecution) {
		throw new DibbyError(earlier.error ?? unknownStartError(connection.credential));
	}
	return await start.record(
		async (onSend) => await createRun(connection, request, plan.completion.timeLimitMs, onSend),
	);
}

/**
 * Whether a failed run of an earlier attempt is replaced by a new one. In another execution, the user retries it. In the
 * same one, Retry On Fail does, but if the node continues on errors, n8n looks at the first item only. A model also calls
 * again on its own, and would pay each time.
 */
function shouldStartAgain(
	{ plan, connection, isFirst = false }: ReadyTask,
	caller: Caller,
	isSameExecution: boolean,
): boolean {
	const { waits, whenRunFails } = plan.completion;
	if (!waits || whenRunFails !== 'error') return false;
	if (!isSameExecution) return true;
	return caller === 'workflow' && (isFirst || !connection.context.continueOnFail());
}
