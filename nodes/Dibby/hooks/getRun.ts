import type { DeclarativeRestApiSettings, INodeExecutionData } from 'n8n-workflow';

import { clock } from '../run/clock';
import { getRun as askForRun } from '../run/getRun';
import type { ItemContext, RequestTemplate } from '../types';
import { finish } from './finish';
import { forItem } from './eachItem';

/** The whole of Get Run: an ID becomes a run, the run an item. */
export async function getRun(
	this: ItemContext,
	requestData: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	return await forItem(this, requestData.options as RequestTemplate, {
		prepare: async (context) =>
			await Promise.resolve(String(context.getNodeParameter('runId')).trim()),
		perform: async (item, runId) => {
			const run = await askForRun(item, runId, clock.now() + item.timeLimit);
			return run && (await finish(item, run));
		},
	});
}
