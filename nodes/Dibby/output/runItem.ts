import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { RUN_ID_FIELD } from '../types';
import type { Completion, DibbyRun, N8nServices } from '../types';
import { storeDocuments } from './binaryFiles';
import { MAX_FILES } from '../dataUri';
import type { StoredDocuments } from '../api/storedDocuments';

/**
 * Turns a run into the item that the next node gets, paired with the item it came from.
 * A run without an output yet is returned whole even when only the output is wanted: its ID must not be lost.
 *
 * @throws Error of n8n's storage when a document can't be stored
 */
export async function runItem(
	n8n: N8nServices,
	run: DibbyRun,
	itemIndex: number,
	{ outputOnly, documentsAsFiles }: Completion,
	stored?: StoredDocuments,
): Promise<INodeExecutionData> {
	const hasOutput = run.status === 'FINISHED' && 'output' in run;
	const json = outputOnly && hasOutput ? withRunId(outputAsObject(run.output), run) : { ...run };
	const maxFiles = documentsAsFiles ? MAX_FILES : 0;
	const binary = await storeDocuments(n8n, json, run.id, maxFiles, stored);
	return {
		json: json as IDataObject,
		...(Object.keys(binary).length > 0 ? { binary } : {}),
		pairedItem: { item: itemIndex },
	};
}

/**
 * Puts the run's ID next to the output. It also keeps n8n from treating an output of just `error` or `message` as an
 * error's item.
 */
function withRunId(output: Record<string, unknown>, { id }: DibbyRun): Record<string, unknown> {
	output[RUN_ID_FIELD] = id;
	return output;
}

/** An item's JSON must be an object; Dibby documents an object or null. */
function outputAsObject(output: unknown): Record<string, unknown> {
	if (output === null || output === undefined) return {};
	if (typeof output === 'object' && !Array.isArray(output)) return { ...output };
	return { output };
}
