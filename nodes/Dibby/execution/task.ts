import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { CredentialReader } from '../api/credential';
import type { SeenRun } from '../api/fetchRun';
import type { Redactor } from '../api/redact';
import type { Connection } from '../api/request';
import type { RequestLimiter } from '../api/requestLimiter';
import { readRequestOptions } from '../api/requestOptions';
import { StoredDocuments } from '../api/storedDocuments';
import { DibbyError, inputError } from '../errors';
import type { ErrorDetails } from '../errors';
import { detailsOf } from '../output/itemResult';
import { checkCanSleep } from '../sleep/fallAsleep';
import type { Completion, ItemContext, Source } from '../types';
import { checkResultArrives } from './agents';
import type { Caller } from './agents';
import type { NodeStarts, StartRecord } from './startedRuns';

/** A run to start or to get for an item, after its parameters have been read and checked. */
export interface Plan {
	/** The binary field whose file the run is for, if each file gets its own run. */
	field?: string;
	/** The run to get, if its ID is known. */
	runId?: string;
	completion: Completion;
	/** What to keep of the item next to the result. */
	source?: Source;
	/** Starts or finds the run. Returns undefined if the node was stopped before the item's turn came. */
	begin: (task: ReadyTask) => Promise<SeenRun | undefined>;
}

/** Reads and checks an item's parameters. Nothing is sent. */
export type Prepare = (context: ItemContext, caller: Caller) => Plan[] | Promise<Plan[]>;

/** A run of a node execution, and how far it has come. */
export interface Task {
	/** The index of the item that it belongs to. */
	item: number;
	/** Whether it provides the node's first output item, in which n8n looks for an error. */
	isFirst?: boolean;
	/** What the node execution has started. */
	starts: NodeStarts;
	/** Ends the task's pauses. One signal for all tasks would slow down with their number. */
	stop: AbortController;
	plan?: Plan;
	connection?: Connection;
	/** The run's start, if the operation starts one. */
	start?: StartRecord;
	/** The run as it was last seen. */
	seen?: SeenRun;
	result?: INodeExecutionData;
	error?: ErrorDetails;
}

/** A task whose parameters have been read: every one without an error. */
export type ReadyTask = Task & Required<Pick<Task, 'plan' | 'connection'>>;

/** What the items of a node execution share. */
export interface Shared {
	caller: Caller;
	/** n8n's context for all items; AI Agents up to version 2 have none. */
	engine: IExecuteFunctions | undefined;
	redact: Redactor;
	starts: NodeStarts;
	server: Connection['server'];
	limiter: (maxParallelRequests: number) => RequestLimiter;
}

/** @returns the item's tasks, or one with an error; none if there is nothing to do for the item */
export async function prepareTasks(
	context: ItemContext,
	prepare: Prepare,
	{ caller, engine, redact, starts, server, limiter }: Shared,
): Promise<Task[]> {
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
			const connection: Connection = {
				context,
				credential,
				requestOptions,
				limiter: limiter(maxParallelRequests),
				stopped: stop.signal,
				server,
				documents: documentsAsFiles ? new StoredDocuments(context) : undefined,
			};
			return { item, starts, stop, plan, connection };
		});
	} catch (thrown) {
		const details = detailsOf(thrown, redact);
		const isOwn = thrown instanceof DibbyError;
		const error = isOwn ? details : inputError(details.message, details.description).details;
		return [{ item, starts, stop: new AbortController(), error }];
	}
}

/** Narrows n8n's context for all items down to one of them. */
export function itemContextOf(context: IExecuteFunctions, itemIndex: number): ItemContext {
	const forItem: Partial<ItemContext> = {
		getItemIndex: () => itemIndex,
		getInputData: () => context.getInputData()[itemIndex] ?? { json: {} },
		getNodeParameter: (name, fallback, options) =>
			context.getNodeParameter(name, itemIndex, fallback, options) as object,
		getCredentials: async (type) => await context.getCredentials(type, itemIndex),
	};
	return Object.assign(Object.create(context) as ItemContext, forItem);
}
