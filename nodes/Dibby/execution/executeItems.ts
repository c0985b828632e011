import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { Redactor } from '../api/redact';
import { RequestLimiter } from '../api/requestLimiter';
import { readBatching } from '../api/requestOptions';
import { clock } from '../clock';
import { answerForAgent } from '../output/agentAnswer';
import { detailsOf, itemOfRun } from '../output/itemResult';
import type { ItemContext } from '../types';
import { poll } from '../waiting/poll';
import { callerOf, swallowsErrors } from './agents';
import { collectItems, nodeError, outcomesOf } from './collectResults';
import { hintsFor } from './hints';
import { needsSleep, sleepTogether } from './sleepTogether';
import { isReady, prepareTasks } from './task';
import type { Prepare, Shared, Task } from './task';

/** Items that are prepared at the same time: some ask n8n's storage for the sizes of their files. */
const PREPARED_AT_ONCE = 16;

/**
 * Executes the node for all items.
 *
 * @param contexts n8n's context for each item
 * @param engine n8n's context for all items; AI Agents up to version 2 have none
 * @returns an item for each item, in order
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
	return await new NodeExecution(prepare, contexts, first, engine).run();
}

class NodeExecution {
	private readonly shared: Shared;

	private readonly isToolCall: boolean;

	private readonly stopsOnError: boolean;

	private readonly tasks: Task[] = [];

	private readonly stopped = new AbortController();

	/** The task whose error stops the node. */
	private failed?: Task;

	private limiter?: RequestLimiter;

	private itemsWithoutFile = 0;

	constructor(
		private readonly prepare: Prepare,
		private readonly contexts: ItemContext[],
		private readonly first: ItemContext,
		private readonly engine: IExecuteFunctions | undefined,
	) {
		const caller = callerOf(first);
		this.isToolCall = caller !== 'workflow';
		this.stopsOnError = !first.continueOnFail() && !swallowsErrors(first, caller);
		this.shared = {
			caller,
			engine,
			redact: new Redactor(),
			server: { workflowKey: 'workflowId' },
			limiter: (maxParallel) =>
				(this.limiter ??= new RequestLimiter(maxParallel, this.stopped.signal, () => {
					if (this.stopsOnError) this.stop();
				})),
		};
	}

	async run(): Promise<INodeExecutionData[]> {
		const cancel = this.first.getExecutionCancelSignal();
		cancel?.addEventListener('abort', this.stop);
		if (cancel?.aborted) this.stop();
		try {
			await this.prepareAll();
			const began = clock.date();
			await this.performAll();
			if (!(await this.fallAsleep(began))) {
				await Promise.all(this.tasks.map(async (task) => await this.finish(task)));
			}
			const isCanceled = cancel?.aborted === true;
			if (isCanceled ? outcomesOf(this.tasks).length > 0 : this.failed !== undefined) {
				const failed = isCanceled ? undefined : this.failed;
				throw nodeError(this.first.getNode(), this.tasks, failed, this.isToolCall);
			}
			const hints = hintsFor(this.tasks, this.itemsWithoutFile);
			this.engine?.addExecutionHints(...hints.map((message) => ({ message })));
			return isCanceled ? [] : collectItems(this.tasks, this.isToolCall);
		} finally {
			cancel?.removeEventListener('abort', this.stop);
			for (const { start, error } of this.tasks) start?.end(error === undefined);
		}
	}

	/** Starts and waits for nothing more. Active requests are finished. */
	private readonly stop = (): void => {
		this.stopped.abort('stopped');
		for (const { stop } of this.tasks) stop.abort('stopped');
	};

	private async prepareAll(): Promise<void> {
		for (let at = 0; at < this.contexts.length; at += PREPARED_AT_ONCE) {
			if (this.stopped.signal.aborted) return;
			const some = this.contexts.slice(at, at + PREPARED_AT_ONCE);
			const prepared = some.map(
				async (context) => await prepareTasks(context, this.prepare, this.shared),
			);
			const tasks = await Promise.all(prepared);
			this.itemsWithoutFile += tasks.filter(({ length }) => length === 0).length;
			for (const task of tasks.flat()) {
				task.isFirst = this.tasks.length === 0;
				this.tasks.push(task);
				if (task.error !== undefined) this.onFailure(task);
			}
		}
	}

	private async performAll(): Promise<void> {
		const { size, pauseMs } = readBatching(this.first);
		const performing: Array<Promise<void>> = [];
		for (const [index, task] of this.tasks.entries()) {
			if (index > 0 && index % size === 0 && pauseMs > 0)
				await clock.sleep(pauseMs, this.stopped.signal);
			if (this.stopped.signal.aborted) break;
			performing.push(this.perform(task));
		}
		await Promise.all(performing);
	}

	private async perform(task: Task): Promise<void> {
		await this.attempt(task, async () => {
			if (!isReady(task)) return;
			const { completion, begin } = task.plan;
			const seen = await begin(task);
			task.run = seen?.run;
			if (seen && completion.waits) task.run = await poll(task.connection, seen, completion);
		});
		// With Sleep, all items are finished together: now, or when n8n wakes the execution up.
		if (task.plan?.completion.sleeps !== true) await this.finish(task);
	}

	private async finish(task: Task): Promise<void> {
		await this.attempt(task, async () => {
			const { run, item, result } = task;
			if (!isReady(task) || run === undefined || result !== undefined) return;
			const { completion, source } = task.plan;
			const isStartedHere = task.start !== undefined;
			const origin = { isStartedHere, isToolCall: this.isToolCall, source };
			const output = await itemOfRun(task.connection, run, item, completion, origin);
			task.result = this.isToolCall ? answerForAgent(output, completion.maxAgentResult) : output;
		});
	}

	private async attempt(task: Task, work: () => Promise<void>): Promise<void> {
		if (task.error !== undefined) return;
		try {
			await work();
		} catch (error) {
			task.error = detailsOf(error, this.shared.redact);
			task.error.runId ??= task.start?.runId ?? task.run?.id;
			this.onFailure(task);
		}
	}

	private onFailure(task: Task): void {
		if (!this.stopsOnError) return;
		this.failed ??= task;
		this.stop();
	}

	/** @param began when the wait began, as a date */
	private async fallAsleep(began: number): Promise<boolean> {
		const waiting = this.tasks.filter((task) => needsSleep(task, began));
		const [first] = waiting;
		if (this.engine === undefined || first === undefined || this.stopped.signal.aborted)
			return false;
		const { redact } = this.shared;
		if (await sleepTogether(this.engine, this.tasks, waiting, began, redact)) return true;
		this.onFailure(first);
		return false;
	}
}
