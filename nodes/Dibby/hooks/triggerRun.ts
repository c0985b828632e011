import type { DeclarativeRestApiSettings, INodeExecutionData } from 'n8n-workflow';

import { readInputs } from '../request/inputs';
import { readWorkflowId } from '../request/workflowId';
import { startOnce } from '../run/start';
import type { ItemContext, RequestTemplate } from '../types';
import { finish } from './finish';
import { forItem } from './eachItem';

/** The whole of Trigger Run: the item becomes a request, the request a run, the run an item. */
export async function triggerRun(
	this: ItemContext,
	requestData: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	return await forItem(this, requestData.options as RequestTemplate, async (item) => {
		const request = { workflowId: readWorkflowId(this), inputs: await readInputs(this) };
		const run = await startOnce(item, request);
		return run && (await finish(item, run));
	});
}
