import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { DibbyRun, ItemContext } from '../types';
import { extractFiles } from './files';

/** What the user wants to get. */
export interface OutputOptions {
	/** Only what the workflow's Result Node gives, once there is something. */
	outputOnly: boolean;
	/** Documents in the result become binary fields. */
	files: boolean;
}

/**
 * Turns a run into the item that the next node gets, paired with the item it came from.
 * A run without an output yet is returned whole even when only the output is wanted: its ID must not be lost.
 */
export async function itemOf(
	context: ItemContext,
	run: DibbyRun,
	{ outputOnly, files }: OutputOptions,
): Promise<INodeExecutionData> {
	const hasOutput = run.status === 'FINISHED' && 'output' in run;
	const json = outputOnly && hasOutput ? outputAsObject(run.output) : { ...run };
	const binary = files ? await extractFiles(context, json) : {};
	return {
		json: json as IDataObject,
		...(Object.keys(binary).length > 0 ? { binary } : {}),
		pairedItem: { item: context.getItemIndex() },
	};
}

/** An item's JSON must be an object; Dibby documents an object or null. */
function outputAsObject(output: unknown): Record<string, unknown> {
	if (output === null || output === undefined) return {};
	if (typeof output === 'object' && !Array.isArray(output)) return { ...output };
	return { output };
}
