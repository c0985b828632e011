import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { FILES_IN_JSON } from '../input/files';
import { keepsFilesInJson, RUN_ID_FIELD } from '../types';
import type { Completion, DibbyRun, N8nServices, Source } from '../types';
import { storeDocuments } from './binaryFiles';
import { MAX_FILES } from '../dataUri';
import type { StoredDocuments } from '../api/storedDocuments';

/**
 * Turns a run into the item that the next node receives. A run without an output is returned as a whole, even if only
 * the output is wanted.
 *
 * @param stored the documents that were stored while the run was read
 * @param source the result wins when names clash
 * @throws DibbyError if n8n can't handle the result; errors from n8n's storage
 */
export async function runItem(
	n8n: N8nServices,
	run: DibbyRun,
	itemIndex: number,
	{ outputOnly, outputFields, documentsAsFiles }: Completion,
	stored?: StoredDocuments,
	source?: Source,
): Promise<INodeExecutionData> {
	const hasOutput = run.status === 'FINISHED' && 'output' in run;
	const result = outputOnly && hasOutput ? outputAsObject(run.output, outputFields) : { ...run };
	const maxFiles = documentsAsFiles ? MAX_FILES : 0;
	const files = await storeDocuments(n8n, result, run.id, maxFiles, stored);
	const kept = source && keptOf(source, keepsFilesInJson(n8n));
	const binary = { ...kept?.binary, ...files };
	// First, and always the run's own. It also keeps n8n from treating an output of just `error` as an error's item.
	const runId = { [RUN_ID_FIELD]: run.id };
	return {
		json: { ...runId, ...kept?.json, ...result, ...runId } as IDataObject,
		...(Object.keys(binary).length > 0 ? { binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

/** An item's JSON must be an object. Dibby documents an object or null. */
function outputAsObject(output: unknown, fields?: string[]): Record<string, unknown> {
	if (output === null || output === undefined) return {};
	const whole = typeof output === 'object' && !Array.isArray(output) ? { ...output } : { output };
	if (fields === undefined) return whole;
	return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name)));
}

/** In the "combined" binary mode, the files are a field of the JSON. */
function keptOf({ item: { json, binary }, keep }: Source, isCombined: boolean) {
	const isKept = ([name]: [string, unknown]) =>
		isCombined && name === FILES_IN_JSON ? keep !== 'json' : keep !== 'binary';
	return {
		json: Object.fromEntries(Object.entries(json).filter(isKept)),
		binary: keep === 'json' ? {} : binary,
	};
}
