import type { INodeExecutionData } from 'n8n-workflow';

import { statusOf } from '../api/runErrors';
import { fetchRun } from '../api/fetchRun';
import { RequestQueue } from '../api/requestQueue';
import type { Redactor } from '../api/serverText';
import type { Connection } from '../api/retry';
import { CredentialReader } from '../api/credential';
import { clock } from '../clock';
import { StoredDocuments } from '../output/storedDocuments';
import { DibbyError, DibbyNodeError } from '../errors';
import type { ErrorDetails } from '../errors';
import { isOver } from '../types';
import type { ItemContext, RequestTemplate } from '../types';
import { isTimeUp, lastWaking, nextState, stateItem } from '../waiting/sleep';
import type { SleepingRun, SleepState } from '../waiting/sleep';
import type { SleepStep } from '../waiting/innerWorkflow';
import { lostSleepError } from './fallAsleep';
import { detailsOf, itemOfError, itemOfRun, withItemName } from './itemResult';

/** How long Dibby may be out of reach at a waking before the node sleeps again, or, at the end, gives up. */
const POLL_LIMIT_MS = 60_000;
const FINISH_LIMIT_MS = 5 * 60_000;

/** With these, Dibby refuses to tell anything of the run, now and later. */
const FINAL_STATUSES = [401, 403, 404];

type Connect = (limitMs: number) => Promise<Connection>;

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
	// Then n8n goes on without it: what is handed on later could come to the next node that sleeps.
	const timeLeftMs = lastWaking(state).getTime() - clock.date();
	let opening: Promise<CredentialReader> | undefined;
	const connect: Connect = async (limitMs) => {
		opening ??= CredentialReader.open(context);
		const credential = await opening;
		return {
			n8n: context,
			template,
			requests,
			stopped: cancelled,
			credential,
			redact: credential.redact,
			server: { workflowKey: 'workflowId' },
			timeLimit: { limitMs: Math.min(limitMs, timeLeftMs) },
		};
	};
	if (step === 'poll') {
		const runs = state.runs.map(async (run) =>
			run.isOver || isTimeUp(state.began, run.completion) ? run : await ask(context, connect, run),
		);
		return [stateItem(nextState(await Promise.all(runs), state.began, state.polls + 1))];
	}
	const results = state.runs.map(async (run) =>
		timeLeftMs > 0 ? await finish(context, connect, run) : { error: lostSleepError(run) },
	);
	return itemsOf(context, state.runs, await Promise.all(results), step === 'finishAll');
}

/** A failed poll is no end: the run is asked for again at the next waking. */
async function ask(
	{ logger }: ItemContext,
	connect: Connect,
	known: SleepingRun,
): Promise<SleepingRun> {
	let redact: Redactor | undefined;
	try {
		const connection = await connect(POLL_LIMIT_MS);
		redact = connection.redact;
		const run = await fetchRun(connection, known.runId);
		if (run === undefined) return known;
		return { ...known, status: statusOf(run, redact), isOver: isOver(run) };
	} catch (thrown) {
		const error = detailsOf(thrown, redact);
		const isFinal = FINAL_STATUSES.includes(error.httpStatus ?? 0);
		logger.debug('Dibby: a poll failed', { runId: known.runId, isFinal });
		return isFinal ? { ...known, isOver: true, error } : known;
	}
}

type Result = { item: INodeExecutionData } | { error: ErrorDetails };

async function finish(context: ItemContext, connect: Connect, known: SleepingRun): Promise<Result> {
	if (known.error !== undefined) return { error: known.error };
	const { item, completion, isStartedHere, runId } = known;
	let redact: Redactor | undefined;
	try {
		const documents = completion.documentsAsFiles ? new StoredDocuments(context) : undefined;
		const connection = { ...(await connect(FINISH_LIMIT_MS)), documents };
		redact = connection.redact;
		const run = await fetchRun(connection, runId);
		if (run === undefined)
			throw new DibbyError({ message: 'The execution was stopped', description: '' });
		return { item: await itemOfRun(connection, run, item, completion, isStartedHere) };
	} catch (error) {
		return { error: { runId, ...detailsOf(error, redact) } };
	}
}

function itemsOf(
	context: ItemContext,
	runs: SleepingRun[],
	results: Result[],
	continuesOnError: boolean,
): INodeExecutionData[] {
	const items: INodeExecutionData[] = [];
	results.forEach((result, index) => {
		const itemIndex = runs[index]?.item ?? index;
		if ('item' in result) items.push(result.item);
		else if (continuesOnError) items.push(itemOfError(result.error, itemIndex));
		else {
			const started = runs.filter(({ isStartedHere }) => isStartedHere);
			const startedRuns = new Map(started.map(({ item, runId }) => [item, runId]));
			const message = withItemName(result.error.message, itemIndex, runs.length);
			const details = { ...result.error, message };
			throw new DibbyNodeError(context.getNode(), itemIndex, details, startedRuns);
		}
	});
	return items;
}
