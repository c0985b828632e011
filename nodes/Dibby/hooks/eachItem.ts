import type { INodeExecutionData } from 'n8n-workflow';

import { DibbyError, itemError } from '../errors';
import { clock } from '../run/clock';
import type { ItemRun } from '../run/item';
import { DEFAULT_REQUESTS_AT_ONCE, nodeRunOf } from '../run/nodeRun';
import type { NodeRun } from '../run/nodeRun';
import { redactor } from '../run/redact';
import { validateBaseUrl } from '../../../credentials/baseUrl';
import type { ItemContext, RequestTemplate } from '../types';

/** What an operation does for one item, in two steps. */
export interface Operation<Request> {
	/** Reads and checks the parameters. Nothing is sent yet; an item that fails here stops all the others. */
	prepare: (context: ItemContext) => Promise<Request>;
	/** Does it; undefined when the node stops before the item got anywhere. */
	perform: (item: ItemRun, request: Request) => Promise<INodeExecutionData | undefined>;
}

/**
 * Runs an operation for one item, in step with its siblings, and makes of an error what the user chose:
 * an item that carries it, or the end of the node once everything that was started is known.
 *
 * n8n's engine gives the node only what comes out of this function, drops the results of all items when one
 * rejects, and pairs nothing: so errors become items here, and the last word names every run.
 */
export async function forItem<Request>(
	context: ItemContext,
	template: RequestTemplate,
	{ prepare, perform }: Operation<Request>,
): Promise<INodeExecutionData[]> {
	const nodeRun = nodeRunOf(context);
	const itemIndex = context.getItemIndex();
	const stopped = nodeRun.join(itemIndex);
	const stopsOnError = !context.continueOnFail();
	const expected = expectedItems(context);
	try {
		// The engine starts items one after the other in one go, and throws when an expression of a later one fails.
		// Whoever came before must not start anything then: nobody would ever read the answer.
		await clock.sleep(1);
		if (stopsOnError && nodeRun.joined < expected.now) return [];

		const itemRun = await itemRunOf(context, template, nodeRun, stopped);
		const request = await prepare(context);
		if (stopsOnError) await nodeRun.everyItemPrepared(itemIndex, expected.now);
		const item = await perform(itemRun, request);
		return item === undefined ? [] : [item];
	} catch (error) {
		const problem = dibbyErrorOf(context, error);
		// n8n takes nothing from a cancelled execution; an error would only make it look like a failed one.
		if (context.getExecutionCancelSignal?.()?.aborted) return [];
		if (!stopsOnError) {
			return [errorItem(problem, problem.runId ?? nodeRun.runIds.get(itemIndex), itemIndex)];
		}
		nodeRun.stop();
		nodeRun.leave(itemIndex);
		await nodeRun.everyItemEnded(expected.inAll);
		problem.addStartedRuns(nodeRun.runIds);
		return await Promise.reject(problem);
	} finally {
		nodeRun.leave(itemIndex);
	}
}

async function itemRunOf(
	context: ItemContext,
	template: RequestTemplate,
	nodeRun: NodeRun,
	stopped: AbortSignal,
): Promise<ItemRun> {
	const { token, baseUrl } = await context.getCredentials<{ token?: string; baseUrl?: string }>(
		'dibbyApi',
	);
	const problem = validateBaseUrl(baseUrl);
	if (problem !== undefined) {
		throw itemError(context, {
			message: problem,
			description: 'Open the Dibby API credential and correct it.',
		});
	}
	const minutes = context.getNodeParameter('waitForCompletion', false)
		? Number(context.getNodeParameter('timeLimit', 10))
		: Infinity;
	if (!(minutes > 0)) {
		throw itemError(context, {
			message: 'Time Limit must be a number above zero',
			description: 'Enter how many minutes to wait for the run, for example 10.',
		});
	}
	const { requestsAtOnce } = context.getNodeParameter('options', {}) as { requestsAtOnce?: number };
	const atOnce = Math.floor(Number(requestsAtOnce ?? DEFAULT_REQUESTS_AT_ONCE));
	return {
		context,
		template,
		nodeRun,
		stopped,
		requestsAtOnce: Math.max(1, atOnce || 1),
		timeLimit: minutes * 60_000,
		redact: redactor(String(token ?? '').trim()),
	};
}

/** How many items the engine starts: in all, and in one go up to this item, which Batching makes fewer. */
function expectedItems(context: ItemContext): { inAll: number; now: number } {
	const items = context.getExecuteData().data.main?.[0]?.length ?? 1;
	const inAll = context.getNode().executeOnce === true ? 1 : items;
	const { batching } = context.getNodeParameter('requestOptions', {}) as {
		batching?: { batch?: { batchSize?: number; batchInterval?: number } };
	};
	const { batchSize = 1, batchInterval = 0 } = batching?.batch ?? {};
	const size = batchInterval > 0 && batchSize >= 0 ? Math.max(1, batchSize) : inAll;
	const now = (Math.floor(context.getItemIndex() / size) + 1) * size;
	return { inAll, now: Math.min(now, inAll) };
}

/** Anything else than the node's own errors is a fault of the node, or of n8n's storage; its words may help. */
function dibbyErrorOf(context: ItemContext, error: unknown): DibbyError {
	if (error instanceof DibbyError) return error;
	return itemError(context, {
		message: 'The node could not finish its work',
		description: `${error instanceof Error ? error.message : String(error)}. If it happens again, report it with these words.`,
	});
}

/**
 * The item that stands for an error when the user chose to continue.
 * n8n sends it to the error output only when it has no other keys than these two.
 */
function errorItem(
	problem: DibbyError,
	runId: string | undefined,
	item: number,
): INodeExecutionData {
	const { message, description, httpCode, outcomeUnknown } = problem;
	return {
		json: {
			message,
			error: {
				message,
				description: description ?? '',
				...(httpCode === null ? {} : { httpStatus: Number(httpCode) }),
				...(runId === undefined ? {} : { runId }),
				...(outcomeUnknown ? { runMayHaveStarted: true } : {}),
			},
		},
		pairedItem: { item },
	};
}
