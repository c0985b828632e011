import type { IExecuteFunctions } from 'n8n-workflow';

import { CredentialReader } from '../api/credential';
import type { Redactor } from '../api/redact';
import type { Connection } from '../api/request';
import type { RequestLimiter } from '../api/requestLimiter';
import { readRequestOptions } from '../api/requestOptions';
import { StoredDocuments } from '../api/storedDocuments';
import { inputError } from '../errors';
import { detailsOf } from '../output/itemResult';
import { checkCanSleep } from '../sleep/checkCanSleep';
import type { ItemContext } from '../types';
import { checkResultArrives } from './agents';
import type { Caller } from './agents';
import type { Plan, Task } from './task';

/** Reads and checks an item's parameters. Nothing is sent. */
export type Prepare = (context: ItemContext, caller: Caller) => Plan[] | Promise<Plan[]>;

/** What the items of a node execution share. */
export interface Shared {
	caller: Caller;
	/** n8n's context for all items; AI Agents up to version 2 have none. */
	engine: IExecuteFunctions | undefined;
	redact: Redactor;
	server: Connection['server'];
	limiter: (maxParallelRequests: number) => RequestLimiter;
}

/** @returns the item's tasks: ready to be performed, or one with an error; none if there is nothing to do for the item */
export async function prepareTasks(
	context: ItemContext,
	prepare: Prepare,
	shared: Shared,
): Promise<Task[]> {
	const { caller, engine, redact, server } = shared;
	const item = context.getItemIndex();
	try {
		checkResultArrives(context, caller);
		const credential = new CredentialReader(context, redact);
		const requestOptions = readRequestOptions(context);
		const plans = await prepare(context, caller);
		return plans.map((plan) => {
			const { sleeps, documentsAsFiles, maxParallelRequests } = plan.completion;
			if (sleeps) checkCanSleep(engine, plan.completion);
			const stop = new AbortController();
			const limiter = shared.limiter(maxParallelRequests);
			const stopped = stop.signal;
			const connection: Connection = {
				context,
				credential,
				requestOptions,
				limiter,
				stopped,
				server,
			};
			if (documentsAsFiles) connection.documents = new StoredDocuments(context);
			return { context, item, stop, plan, connection };
		});
	} catch (error) {
		const details = detailsOf(error, redact);
		const isSaid = details.description.includes('Nothing was sent');
		const told = isSaid ? details : inputError(details.message, details.description).details;
		return [{ context, item, stop: new AbortController(), error: told }];
	}
}
