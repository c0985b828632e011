import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Completion, DibbyRun, N8nServices } from '../types';
import { storeDocuments } from './binaryFiles';
import type { StoredDocuments } from './storedDocuments';

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
	const json = outputOnly && hasOutput ? outputAsObject(run.output) : { ...run };
	const binary = documentsAsFiles ? await storeDocuments(n8n, json, stored) : {};
	return {
		json: json as IDataObject,
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
