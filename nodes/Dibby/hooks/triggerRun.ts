import type { DeclarativeRestApiSettings, INodeExecutionData } from 'n8n-workflow';

import type { RunRequest } from '../request/body';
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
	return await forItem(this, requestData.options as RequestTemplate, {
		prepare: async (context): Promise<RunRequest> => ({
			workflowId: readWorkflowId(context),
			inputs: await readInputs(context),
		}),
		perform: async (item, request) => {
			const run = await startOnce(item, request);
			return run && (await finish(item, run));
		},
	});
}
