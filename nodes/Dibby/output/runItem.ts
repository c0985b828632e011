import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { RUN_ID_FIELD } from '../types';
import type { Completion, DibbyRun, N8nServices } from '../types';
import { storeDocuments } from './binaryFiles';
import { MAX_FILES } from '../dataUri';
import type { StoredDocuments } from '../api/storedDocuments';

/**
 * Turns a run into the item that the next node receives. A run without an output is returned as a whole, even if only
 * the output is wanted.
 *
 * @param stored the documents that were stored while the run was read
 * @throws DibbyError if n8n can't handle the result; errors from n8n's storage
 */
export async function runItem(
	n8n: N8nServices,
	run: DibbyRun,
	itemIndex: number,
	{ outputOnly, documentsAsFiles }: Completion,
	stored?: StoredDocuments,
): Promise<INodeExecutionData> {
	const hasOutput = run.status === 'FINISHED' && 'output' in run;
	const result = outputOnly && hasOutput ? outputAsObject(run.output) : { ...run };
	const maxFiles = documentsAsFiles ? MAX_FILES : 0;
	const binary = await storeDocuments(n8n, result, run.id, maxFiles, stored);
	// First, and always the run's own. It also keeps n8n from treating an output of just `error` as an error's item.
	const runId = { [RUN_ID_FIELD]: run.id };
	return {
		json: { ...runId, ...result, ...runId } as IDataObject,
		...(Object.keys(binary).length > 0 ? { binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

/** An item's JSON must be an object; Dibby documents an object or null. */
function outputAsObject(output: unknown): Record<string, unknown> {
	if (output === null || output === undefined) return {};
	if (typeof output === 'object' && !Array.isArray(output)) return { ...output };
	return { output };
}
