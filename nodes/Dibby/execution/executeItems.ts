import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { Redactor } from '../api/redact';
import { RequestLimiter } from '../api/requestLimiter';
import { clock } from '../clock';
import { answerForAgent } from '../output/agentAnswer';
import { detailsOf, itemOfRun } from '../output/itemResult';
import type { ErrorDetails, ItemOutcome } from '../errors';
import type { ItemContext } from '../types';
import { poll } from '../waiting/poll';
import { callerOf, swallowsErrors } from './agents';
import { collectItems, hintsFor, nodeError, taskError } from './collectResults';
import { needsSleep, sleepTogether } from './sleepTogether';
import { startsOf } from './startedRuns';
import { prepareTasks } from './task';
import type { Prepare, ReadyTask, Shared, Task } from './task';

/** Items that are prepared at the same time: some ask n8n's storage for the sizes of their files. */
const PREPARED_AT_ONCE = 16;

/**
 * Executes the node for all items.
 *
 * @param contexts n8n's context for each item
 * @param engine n8n's context for all items; AI Agents up to version 2 have none
 * @returns one item per run, in order
 * @throws DibbyNodeError if an item failed and the node stops on errors, or if the execution was canceled. It names
 *   every run that was started or may have been started
 */
export async function executeItems(
	prepare: Prepare,
	contexts: ItemContext[],
	engine: IExecuteFunctions | undefined,
): Promise<INodeExecutionData[]> {
	const [first] = contexts;
	if (first === undefined) return [];
	const execution = new NodeExecution(first, engine);
	const cancel = first.getExecutionCancelSignal();
	cancel?.addEventListener('abort', execution.stop);
	if (cancel?.aborted) execution.stop();
	try {
		await execution.prepareAll(prepare, contexts);
		const began = clock.date();
		await execution.performAll();
		await execution.fallAsleep(began);
		// Nothing is left to do for an execution that sleeps.
		await execution.finishAll();
		return execution.collect(contexts.length, cancel?.aborted === true);
	} finally {
		cancel?.removeEventListener('abort', execution.stop);
		for (const { start, error } of execution.tasks) start?.end(error === undefined);
	}
}

class NodeExecution {
	readonly tasks: Task[] = [];

	private readonly shared: Shared;
	private readonly stopsOnError: boolean;
	private readonly stopped = new AbortController();

	/** What earlier attempts of Retry On Fail have started, by item. */
	private readonly earlier = new Map<number, ItemOutcome[]>();

	/** The task whose error stops the node. */
	private failed?: Task;

	constructor(
		private readonly first: ItemContext,
		engine: IExecuteFunctions | undefined,
	) {
		const caller = callerOf(first);
		const starts = startsOf(first, caller);
		for (const outcome of starts.outcomes.values()) {
			const ofItem = this.earlier.get(outcome.item) ?? [];
			ofItem.push(outcome);
			this.earlier.set(outcome.item, ofItem);
		}
		this.stopsOnError = !first.continueOnFail() && !swallowsErrors(first, caller);
		const onError = this.stopsOnError ? this.stop : undefined;
		let limiter: RequestLimiter | undefined;
		this.shared = {
			caller,
			engine,
			redact: new Redactor(),
			starts,
			server: { workflowKey: 'workflowId' },
			limiter: (maxParallel) =>
				(limiter ??= new RequestLimiter(maxParallel, this.stopped.signal, onError)),
		};
	}

	/** Starts and waits for nothing more. Active requests are finished. */
	readonly stop = (): void => {
		this.stopped.abort('stopped');
		for (const { stop } of this.tasks) stop.abort('stopped');
	};

	/** Reads and checks all items before anything is sent. */
	async prepareAll(prepare: Prepare, contexts: ItemContext[]): Promise<void> {
		for (let at = 0; at < contexts.length; at += PREPARED_AT_ONCE) {
			if (this.stopped.signal.aborted) return;
			const some = contexts.slice(at, at + PREPARED_AT_ONCE);
			const prepared = some.map(
				async (context) => await prepareTasks(context, prepare, this.shared),
			);
			for (const task of (await Promise.all(prepared)).flat()) {
				task.isFirst = this.tasks.length === 0;
				this.tasks.push(task);
				if (task.error !== undefined) this.fail(task, task.error);
			}
		}
	}

	/** Starts or finds the runs, and waits for them. */
	async performAll(): Promise<void> {
		// The first item that could be prepared decides for all.
		const batch = this.tasks.find(({ connection }) => connection)?.connection?.requestOptions.batch;
		const performing: Array<Promise<void>> = [];
		for (const [index, task] of this.tasks.entries()) {
			if (batch?.pauseMs && index > 0 && index % batch.size === 0)
				await clock.sleep(batch.pauseMs, this.stopped.signal);
			if (this.stopped.signal.aborted) break;
			performing.push(this.attempt(task, this.perform));
		}
		await Promise.all(performing);
	}

	private readonly perform = async (task: ReadyTask): Promise<void> => {
		const { completion, begin } = task.plan;
		task.seen = await begin(task);
		if (task.seen && completion.waits)
			task.seen = await poll(task.connection, task.seen, completion);
		// With Sleep, all items are finished together: now, or when n8n wakes the execution up.
		if (!completion.sleeps) await this.finish(task);
	};

	/** Puts the execution to sleep if a run that was started at the date `began` needs it. All items have results then. */
	async fallAsleep(began: number): Promise<void> {
		const waiting = this.tasks.filter((task) => needsSleep(task, began));
		const completion = waiting[0]?.plan?.completion;
		const { engine, redact } = this.shared;
		if (engine === undefined || completion === undefined || this.stopped.signal.aborted) return;
		await sleepTogether(engine, this.tasks, completion, began, redact).catch((error: unknown) => {
			for (const task of waiting) this.fail(task, detailsOf(error, redact));
		});
	}

	async finishAll(): Promise<void> {
		await Promise.all(this.tasks.map(async (task) => await this.attempt(task, this.finish)));
	}

	/** Turns a task's run into its item. */
	private readonly finish = async (task: ReadyTask): Promise<void> => {
		const { seen, item, connection, plan } = task;
		if (seen === undefined || task.result !== undefined) return;
		const { run, problem } = seen;
		const { completion, source } = plan;
		const isToolCall = this.shared.caller !== 'workflow';
		const origin = { isStartedHere: task.start !== undefined, isToolCall, source, problem };
		const output = await itemOfRun(connection, run, item, completion, origin);
		task.result = isToolCall ? answerForAgent(output, completion.maxAgentResult) : output;
	};

	/** Returns the items, or throws the error that stops the node. */
	collect(itemCount: number, isCanceled: boolean): INodeExecutionData[] {
		const { tasks } = this;
		const isToolCall = this.shared.caller !== 'workflow';
		const failed = isCanceled ? undefined : this.failed;
		const { outcomes } = this.shared.starts;
		if (failed !== undefined || (isCanceled && outcomes.size > 0)) {
			const isOneOfMany = itemCount > 1 || tasks.length > 1;
			const started = [...outcomes.values()];
			throw nodeError(this.first.getNode(), started, failed, isToolCall, isOneOfMany);
		}
		if (isCanceled) return [];
		const hints = hintsFor(tasks, itemCount).map((message) => ({ message }));
		this.shared.engine?.addExecutionHints(...hints);
		return collectItems(tasks, isToolCall);
	}

	private async attempt(task: Task, work: (task: ReadyTask) => Promise<void>): Promise<void> {
		if (task.error !== undefined) return;
		await work(task as ReadyTask).catch((error: unknown) =>
			this.fail(task, detailsOf(error, this.shared.redact)),
		);
	}

	private fail(task: Task, error: ErrorDetails): void {
		const earlier = this.earlier.get(task.item) ?? [];
		const isNamedLater = this.stopsOnError || this.shared.caller !== 'workflow';
		task.error = taskError(task, error, earlier, isNamedLater);
		if (!this.stopsOnError) return;
		this.failed ??= task;
		this.stop();
	}
}
