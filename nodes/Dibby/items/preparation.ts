import { Credentials } from '../api/credential';
import { RequestQueue } from '../api/requestQueue';
import type { Connection } from '../api/retry';
import { StoredDocuments } from '../output/storedDocuments';
import type { ItemContext, RequestTemplate } from '../types';
import { checkAnswerArrives } from './agentError';
import { checkCanSleep } from './checkCanSleep';
import type { BatchItem, ItemProgress, Prepare, ReadyItem } from './itemPlan';
import { detailsOf } from './itemResult';

/** An item as the engine handed it over. */
export interface GivenItem extends ItemProgress {
	context: ItemContext;
	template: RequestTemplate;
	/** Ends all waiting of the item. */
	stopped: AbortController;
}

/** Makes the items of one execution of the node ready: checks each, and gives it its way to Dibby, which they share. */
export class Preparation {
	private readonly server: Connection['server'] = { workflowKey: 'workflowId' };

	private readonly credentials = new Credentials();

	private requests?: RequestQueue;

	/**
	 * @param stopped ends the pauses of all items
	 * @param onFailure called when a request's work throws, before another item gets its turn
	 */
	constructor(
		private readonly engineLoop: BatchItem['engineLoop'],
		private readonly prepareItem: Prepare,
		private readonly stopped: AbortSignal,
		private readonly onFailure: () => void,
	) {}

	/** Prepares items side by side: each is ready then, or has its error. */
	async prepare(items: GivenItem[]): Promise<void> {
		const prepared = items.map(async (item) => {
			try {
				item.ready = await this.readyItem(item);
			} catch (error) {
				item.error = detailsOf(error);
			}
		});
		await Promise.all(prepared);
	}

	private async readyItem({ context, template, stopped }: GivenItem): Promise<ReadyItem> {
		const { isToolCall } = this.engineLoop;
		if (isToolCall) checkAnswerArrives(context);
		const credential = await this.credentials.of(context);
		const plan = await this.prepareItem(context, isToolCall);
		const { requestsAtOnce, timeLimitMs, documentsAsFiles, sleeps } = plan.completion;
		if (sleeps) {
			checkCanSleep(context, plan.completion, await this.credentials.areOfItems(context));
		}
		this.requests ??= new RequestQueue(requestsAtOnce, this.stopped, this.onFailure);
		const connection: Connection = {
			n8n: context,
			template,
			requests: this.requests,
			stopped: stopped.signal,
			credential,
			redact: credential.redact,
			// A sleeping run is fetched again at its end: what it stores then belongs to the one that hands it on.
			documents: documentsAsFiles && !sleeps ? new StoredDocuments(context) : undefined,
			server: this.server,
			timeLimit: { limitMs: timeLimitMs },
		};
		return { context, connection, engineLoop: this.engineLoop, ...plan };
	}
}
