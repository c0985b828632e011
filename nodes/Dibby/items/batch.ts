import type { INodeExecutionData } from 'n8n-workflow';

import { clock } from '../clock';
import { DibbyNodeError } from '../errors';
import type { ErrorDetails } from '../errors';
import { answerForAgent } from '../output/agentAnswer';
import type { ItemContext, RequestTemplate } from '../types';
import { poll } from '../waiting/poll';
import { agentItemOfError, errorForAgent, swallowsErrors } from './agentError';
import { EngineLoop } from './engineLoop';
import { needsSleep, sleepFor } from './fallAsleep';
import type { Prepare, ReadyItem } from './itemPlan';
import { detailsOf, itemOfError, itemOfRun, withItemName } from './itemResult';
import { Preparation } from './preparation';
import type { GivenItem } from './preparation';

/** Items that are prepared side by side: some ask n8n's storage for their files' sizes. */
const PREPARED_AT_ONCE = 16;

/** An item on its way from the engine's call to its result. */
interface Member extends GivenItem {
	/** Answers the engine's call. */
	resolve: (items: INodeExecutionData[]) => void;
	reject: (error: Error) => void;
}

/**
 * All items of one execution of the node: prepares all, stops there when one is wrong, performs with a limit, and
 * gives each its result, or the node its one error, which names every run that was started.
 */
export class Batch {
	/** Settled when no more is done for any item. */
	readonly ended: Promise<void>;

	private readonly members = new Map<number, Member>();

	private readonly engineLoop: EngineLoop<Member>;

	private readonly preparation: Preparation;

	private readonly stopsOnError: boolean;

	private readonly stopped = new AbortController();

	private failed?: Member;

	private isClosed = false;

	/** As a date: it is stored while the execution sleeps. */
	private readonly began = clock.date();

	/** @param previous the try before, which n8n gave up: nothing is done until it is over */
	constructor(
		private readonly first: ItemContext,
		prepareItem: Prepare,
		previous?: { ended: Promise<void> },
	) {
		this.stopsOnError = !first.continueOnFail() && !swallowsErrors(first);
		this.engineLoop = new EngineLoop(first);
		this.preparation = new Preparation(this.engineLoop, prepareItem, this.stopped.signal, () => {
			if (this.stopsOnError) this.stop();
		});
		this.ended = this.execute(previous?.ended);
	}

	/** Whether the engine still hands items over, and this one did not come yet. */
	accepts(itemIndex: number): boolean {
		return !this.isClosed && !this.has(itemIndex);
	}

	has(itemIndex: number): boolean {
		return this.members.has(itemIndex);
	}

	async join(context: ItemContext, template: RequestTemplate): Promise<INodeExecutionData[]> {
		return await new Promise((resolve, reject) => {
			const index = context.getItemIndex();
			const stopped = new AbortController();
			const member = { index, context, template, stopped, resolve, reject };
			this.members.set(index, member);
			this.engineLoop.add(member);
		});
	}

	/** Nothing more is started or waited for; requests under way are finished. */
	readonly stop = (): void => {
		this.stopped.abort();
		// One signal for all would have to look through all its listeners for each that leaves.
		for (const { stopped } of this.members.values()) stopped.abort();
	};

	private async execute(previousEnded: Promise<void> | undefined): Promise<void> {
		const cancelled = this.first.getExecutionCancelSignal?.();
		cancelled?.addEventListener('abort', this.stop);
		await previousEnded;
		const work: Array<Promise<void>> = [];
		const nextGroup = async () => await this.engineLoop.nextGroup(!this.stopsOnError);
		for (let group = await nextGroup(); group !== undefined; group = await nextGroup()) {
			await this.prepareAll(group);
			if (!this.stopped.signal.aborted) work.push(...group.map(async (item) => this.perform(item)));
		}
		this.isClosed = true;
		if (this.stopsOnError && !this.engineLoop.isComplete) this.stop();
		await Promise.all(work);
		if (!this.stopped.signal.aborted) await this.finishOrSleep();
		cancelled?.removeEventListener('abort', this.stop);
		this.deliver(cancelled?.aborted === true);
	}

	private async prepareAll(group: Member[]): Promise<void> {
		for (let start = 0; start < group.length; start += PREPARED_AT_ONCE) {
			if (this.stopped.signal.aborted) return;
			const some = group.slice(start, start + PREPARED_AT_ONCE);
			await this.preparation.prepare(some);
			const wrong = some.find(({ error }) => error !== undefined);
			if (wrong !== undefined) this.onFailure(wrong);
		}
	}

	private async perform(member: Member): Promise<void> {
		await this.attempt(member, async (ready) => {
			const { connection, completion } = ready;
			const known = await ready.begin(ready);
			member.run = known && completion.waits ? await poll(connection, known, completion) : known;
		});
		if (!member.ready?.completion.sleeps) await this.finish(member);
	}

	private async finish(member: Member): Promise<void> {
		await this.attempt(member, async ({ connection, completion, startLog }) => {
			const { run, index } = member;
			if (run === undefined) return;
			const isStartedHere = startLog !== undefined;
			const item = await itemOfRun(connection, run, index, completion, isStartedHere);
			const { isToolCall } = this.engineLoop;
			member.result = isToolCall ? answerForAgent(item, completion.agentAnswerLimit) : item;
		});
	}

	private async attempt(member: Member, work: (ready: ReadyItem) => Promise<void>): Promise<void> {
		if (member.ready === undefined || member.error !== undefined) return;
		try {
			await work(member.ready);
		} catch (error) {
			member.error = detailsOf(error, member.ready.connection.redact);
			member.error.runId ??= member.ready.startLog?.runId;
			this.onFailure(member);
		}
	}

	/** With Sleep, no item is finished before all are: either now, or when n8n wakes the execution. */
	private async finishOrSleep(): Promise<void> {
		const sleepers = [...this.members.values()].filter(({ ready }) => ready?.completion.sleeps);
		const waiting = sleepers.filter((member) => needsSleep(member, this.began));
		const { expected } = this.engineLoop;
		if (await sleepFor(this.first, this.members, waiting, expected, this.began)) return;
		const [refused] = waiting;
		if (refused !== undefined) this.onFailure(refused);
		await Promise.all(sleepers.map(async (member) => await this.finish(member)));
	}

	private onFailure(member: Member): void {
		if (!this.stopsOnError) return;
		this.failed ??= member;
		this.stop();
	}

	/** n8n takes nothing from a cancelled execution; an error would only make it look like a failed one. */
	private deliver(isCancelled: boolean): void {
		for (const member of this.members.values()) {
			const { index, ready } = member;
			const isForAgent = this.engineLoop.isToolCall;
			const error =
				member.error && isForAgent
					? errorForAgent(member.error, ready?.startLog !== undefined)
					: member.error;
			if (error !== undefined && !this.stopsOnError) {
				member.result = isForAgent ? agentItemOfError(error, index) : itemOfError(error, index);
			}
			const isFailed = member === this.failed && error !== undefined && !isCancelled;
			if (isFailed) member.reject(this.nodeError(error, index));
			else if (this.failed !== undefined || member.result === undefined) member.resolve([]);
			else member.resolve([member.result]);
			ready?.startLog?.end(error === undefined);
		}
	}

	private nodeError(error: ErrorDetails, itemIndex: number): DibbyNodeError {
		const startedRuns = new Map<number, string>();
		for (const { index, ready } of this.members.values()) {
			const runId = ready?.startLog?.runId;
			if (runId !== undefined) startedRuns.set(index, runId);
		}
		// A model gets the message alone.
		const details = this.engineLoop.isToolCall
			? { ...error, message: `${error.message}. ${error.description}` }
			: { ...error, message: withItemName(error.message, itemIndex, this.engineLoop.expected) };
		return new DibbyNodeError(this.first.getNode(), itemIndex, details, startedRuns);
	}
}
