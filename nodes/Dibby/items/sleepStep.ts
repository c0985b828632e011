import type { INodeExecutionData } from 'n8n-workflow';

import { statusOf } from '../api/runErrors';
import { fetchRun } from '../api/fetchRun';
import { RequestQueue } from '../api/requestQueue';
import type { Connection } from '../api/retry';
import { CredentialReader } from '../api/credential';
import { StoredDocuments } from '../output/storedDocuments';
import { DibbyError, DibbyNodeError } from '../errors';
import type { ErrorDetails } from '../errors';
import { isOver } from '../types';
import type { ItemContext, RequestTemplate } from '../types';
import { isTimeUp, nextState, stateItem } from '../waiting/sleep';
import type { SleepingRun, SleepState, SleepStep } from '../waiting/sleep';
import { detailsOf, itemOfError, itemOfRun } from './itemResult';

/** How long Dibby may be out of reach at a waking before the node sleeps again, or, at the end, gives up. */
const POLL_LIMIT_MS = 60_000;
const FINISH_LIMIT_MS = 5 * 60_000;

/** With these, Dibby refuses to tell anything of the run, now and later. */
const FINAL_STATUSES = [401, 403, 404];

/**
 * What the node does when it is executed inside the inner workflow of a sleep: its one item holds all runs.
 *
 * @returns the state for the next sleep, or, at the end, the items of the sleeping node, paired with its items
 * @throws DibbyNodeError at the end, when a run failed and the sleeping node stops on errors
 */
export async function sleepStep(
	context: ItemContext,
	template: RequestTemplate,
	step: SleepStep,
): Promise<INodeExecutionData[]> {
	const state = context.getInputData().json as unknown as SleepState;
	const cancelled = context.getExecutionCancelSignal?.() ?? new AbortController().signal;
	const requestsAtOnce = state.runs[0]?.completion.requestsAtOnce ?? 1;
	const requests = new RequestQueue(requestsAtOnce, cancelled, () => {});
	const credential = await CredentialReader.open(context);
	const connect = (limitMs: number): Connection => ({
		n8n: context,
		template,
		requests,
		stopped: cancelled,
		credential,
		redact: credential.redact,
		server: { workflowKey: 'workflowId' },
		timeLimit: { limitMs },
	});
	if (step === 'poll') {
		const runs = state.runs.map(async (run) =>
			run.isOver || isTimeUp(state, run) ? run : await ask(connect(POLL_LIMIT_MS), run),
		);
		return [stateItem(nextState(await Promise.all(runs), state.began))];
	}
	const results = state.runs.map(async (run) => {
		const documents = run.completion.documentsAsFiles ? new StoredDocuments(context) : undefined;
		return await finish({ ...connect(FINISH_LIMIT_MS), documents }, run);
	});
	return itemsOf(context, state.runs, await Promise.all(results));
}

/** A failed poll is no end: the run is asked for again at the next waking. */
async function ask(connection: Connection, known: SleepingRun): Promise<SleepingRun> {
	try {
		const run = await fetchRun(connection, known.runId);
		if (run === undefined) return known;
		return { ...known, status: statusOf(run, connection.redact), isOver: isOver(run) };
	} catch (thrown) {
		const error = detailsOf(thrown, connection.redact);
		const isFinal = FINAL_STATUSES.includes(error.httpStatus ?? 0);
		connection.n8n.logger.debug('Dibby: a poll failed', { runId: known.runId, isFinal });
		return isFinal ? { ...known, isOver: true, error } : known;
	}
}

type Result = { item: INodeExecutionData } | { error: ErrorDetails };

async function finish(connection: Connection, known: SleepingRun): Promise<Result> {
	if (known.error !== undefined) return { error: known.error };
	try {
		const run = await fetchRun(connection, known.runId);
		if (run === undefined)
			throw new DibbyError({ message: 'The execution was stopped', description: '' });
		const { item, completion, isStartedHere } = known;
		return { item: await itemOfRun(connection, run, item, completion, isStartedHere) };
	} catch (error) {
		return { error: { runId: known.runId, ...detailsOf(error, connection.redact) } };
	}
}

function itemsOf(
	context: ItemContext,
	runs: SleepingRun[],
	results: Result[],
): INodeExecutionData[] {
	const items: INodeExecutionData[] = [];
	results.forEach((result, index) => {
		const itemIndex = runs[index]?.item ?? index;
		if ('item' in result) items.push(result.item);
		else if (context.continueOnFail()) items.push(itemOfError(result.error, itemIndex));
		else {
			const started = runs.filter(({ isStartedHere }) => isStartedHere);
			const startedRuns = new Map(started.map(({ item, runId }) => [item, runId]));
			const name = runs.length > 1 ? ` [item ${itemIndex}]` : '';
			const details = { ...result.error, message: `${result.error.message}${name}` };
			throw new DibbyNodeError(context.getNode(), itemIndex, details, startedRuns);
		}
	});
	return items;
}
