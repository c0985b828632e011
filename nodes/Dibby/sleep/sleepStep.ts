import type { INodeExecutionData } from 'n8n-workflow';

import { CredentialReader } from '../api/credential';
import { fetchRun } from '../api/fetchRun';
import { Redactor } from '../api/redact';
import type { Connection } from '../api/request';
import { RequestLimiter } from '../api/requestLimiter';
import { readRequestOptions } from '../api/requestOptions';
import { statusOf } from '../api/runErrors';
import { StoredDocuments } from '../api/storedDocuments';
import { clock } from '../clock';
import { DibbyNodeError, withOutcomes } from '../errors';
import type { ErrorDetails, ItemOutcome } from '../errors';
import { detailsOf, itemOfError, itemOfRun, withItemName } from '../output/itemResult';
import { hasEnded } from '../types';
import type { DibbyRun, ItemContext } from '../types';
import { lostSleepError } from './fallAsleep';
import { SLEEP_STEPS } from './helperWorkflow';
import { isTimeUp, lastWakeUp, MIN_SLEEP_MS, nextState, stateItem } from './sleepState';
import type { SleepingRun, SleepState } from './sleepState';

/** How long Dibby may be unreachable before the execution sleeps again. A worker that dies meanwhile ends the wait. */
const POLL_LIMIT_MS = 20_000;
const FINISH_LIMIT_MS = 60_000;

/**
 * When n8n starts, it repairs unfinished executions with data that it read before. A sleeping execution that is resumed
 * in between is overwritten (tried with n8n 2.40.7), so none is resumed this soon.
 */
const MIN_PROCESS_AGE_MS = 60_000;

/** Longer than another sleep plus n8n's delay. With less time left, n8n would continue before the helper ends. */
const MIN_TIME_LEFT_MS = 180_000;

/** With these statuses, Dibby refuses to return the run, now and later. */
const FINAL_STATUSES = [401, 403, 404];

const CANCELED: ErrorDetails = { message: 'The execution was canceled', description: '' };

/** A run's result; 'later' if it isn't available yet. */
type Result = { item: INodeExecutionData } | { error: ErrorDetails } | 'later';

/**
 * What the node does inside the helper workflow of a sleeping execution. Its one item holds all runs.
 *
 * @param step one of SLEEP_STEPS
 * @returns the state for the next sleep or, at the end, the items of the sleeping node, paired with its items
 * @throws DibbyNodeError at the end if a run failed and the sleeping node stops on errors
 */
export async function sleepStep(
	context: ItemContext,
	step: unknown,
): Promise<INodeExecutionData[]> {
	const known = SLEEP_STEPS.find((one) => one === step);
	if (known === undefined) throw outdatedError(context);
	const state = context.getInputData().json as unknown as SleepState;
	const { runs, began, polls } = state;
	const connect = connector(context, runs);
	if (known === 'poll') {
		const isDue = (run: SleepingRun) => !run.hasEnded && !isTimeUp(began, run.completion);
		// This throws if n8n has no credential. The helper counts such polls, and ends the wait after a few.
		if (runs.some(isDue)) await context.getCredentials('dibbyApi');
		const polled = runs.map(async (run) => (isDue(run) ? await pollRun(connect, run) : run));
		return [stateItem(nextState(await Promise.all(polled), began, polls + 1))];
	}
	const timeLeftMs = lastWakeUp(state).getTime() - clock.date();
	if (clock.processAge() < MIN_PROCESS_AGE_MS && timeLeftMs > MIN_TIME_LEFT_MS) {
		return [stateItem({ ...state, sleepSeconds: MIN_SLEEP_MS / 1_000 })];
	}
	const results = await Promise.all(
		runs.map(async (run) => await finishRun(connect, run, began, timeLeftMs)),
	);
	if (!results.includes('later')) return itemsOf(context, runs, results, known === 'finishAll');
	const reopened = runs.map((run, index) => ({
		...run,
		hasEnded: run.hasEnded && results[index] !== 'later',
	}));
	return [stateItem(nextState(reopened, began, polls))];
}

type Connect = (documents?: Connection['documents']) => Connection;

function connector(context: ItemContext, runs: SleepingRun[]): Connect {
	const stopped = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const redact = new Redactor();
	const limiter = new RequestLimiter(runs[0]?.completion.maxParallelRequests ?? 1, stopped);
	return (documents) => ({
		context,
		credential: new CredentialReader(context, redact),
		requestOptions: readRequestOptions(context),
		limiter,
		stopped,
		server: { workflowKey: 'workflowId' },
		documents,
	});
}

/** A run, or why it couldn't be fetched. With `isFinal`, retrying won't help. */
type Fetched = { run: DibbyRun } | { error: ErrorDetails; isFinal: boolean };

async function fetchOnce(
	connection: Connection,
	runId: string,
	timeLimitMs: number,
): Promise<Fetched> {
	const { context, credential } = connection;
	return await fetchRun(connection, runId, { timeLimitMs }).then(
		(seen) => (seen === undefined ? { error: CANCELED, isFinal: false } : { run: seen.run }),
		(thrown: unknown) => {
			const error = { runId, ...detailsOf(thrown, credential.redact) };
			context.logger.debug(`Dibby: can't get run ${runId}: ${error.message}`);
			const isFinal = error.isFinal === true || FINAL_STATUSES.includes(error.httpStatus ?? 0);
			return { error, isFinal };
		},
	);
}

async function pollRun(connect: Connect, known: SleepingRun): Promise<SleepingRun> {
	const connection = connect('skip');
	const fetched = await fetchOnce(connection, known.runId, POLL_LIMIT_MS);
	if ('error' in fetched) {
		return fetched.isFinal ? { ...known, hasEnded: true, error: fetched.error } : known;
	}
	const status = statusOf(fetched.run, connection.credential.redact);
	return { ...known, status, hasEnded: hasEnded(fetched.run) };
}

async function finishRun(
	connect: Connect,
	known: SleepingRun,
	began: number,
	timeLeftMs: number,
): Promise<Result> {
	const { item, completion, isStartedHere, runId, source } = known;
	if (known.error !== undefined) return { error: known.error };
	// After the last wake-up, n8n continues without the helper, so its results could reach the wrong node.
	if (timeLeftMs <= 0) return { error: lostSleepError(known) };
	const connection = connect();
	const { context, credential } = connection;
	if (completion.documentsAsFiles) connection.documents = new StoredDocuments(context);
	const fetched = await fetchOnce(connection, runId, Math.min(FINISH_LIMIT_MS, timeLeftMs));
	const isTimeLeft = completion.waits && !isTimeUp(began, completion);
	if ('error' in fetched)
		return fetched.isFinal || !isTimeLeft ? { error: fetched.error } : 'later';
	if (isTimeLeft && !hasEnded(fetched.run)) return 'later';
	const origin = { isStartedHere, isToolCall: false, source };
	return await itemOfRun(connection, fetched.run, item, completion, origin).then(
		(output) => ({ item: output }),
		(thrown: unknown) => ({ error: { runId, ...detailsOf(thrown, credential.redact) } }),
	);
}

function itemsOf(
	context: ItemContext,
	runs: SleepingRun[],
	results: Result[],
	continuesOnError: boolean,
): INodeExecutionData[] {
	return runs.flatMap((run, index) => {
		const { item, field } = run;
		const result = results[index];
		if (result === undefined || result === 'later') return [];
		if ('item' in result) return [result.item];
		if (continuesOnError)
			return [itemOfError(withOutcomes(result.error, run, startedOf([run])), item, field)];
		const { message: text } = result.error;
		const message = runs.length > 1 ? withItemName(text, item, field) : text;
		throw new DibbyNodeError(
			context.getNode(),
			{ item, field },
			{ ...result.error, message },
			startedOf(runs),
		);
	});
}

/** The runs that the sleeping node started. */
function startedOf(runs: SleepingRun[]): ItemOutcome[] {
	return runs
		.filter(({ isStartedHere, runId }) => isStartedHere && runId !== '')
		.map(({ item, field, runId }) => ({ item, field, runId }));
}

function outdatedError(context: ItemContext): DibbyNodeError {
	const message = 'A newer version of this package put the execution to sleep';
	const description =
		"Install the newer version of n8n-nodes-dibby again. The runs continue in Dibby. Use 'Get Run' to get them.";
	return new DibbyNodeError(context.getNode(), { item: 0 }, { message, description }, []);
}
