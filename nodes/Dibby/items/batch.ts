import type { INodeExecutionData } from 'n8n-workflow';

import { validateBaseUrl } from '../../../credentials/baseUrl';
import { RequestQueue } from '../api/requestQueue';
import type { Connection } from '../api/retry';
import { redactorFor } from '../api/serverText';
import type { Redactor } from '../api/serverText';
import { DibbyError, DibbyNodeError } from '../errors';
import type { ErrorDetails } from '../errors';
import { answerForAgent } from '../output/agentAnswer';
import type { Completion, DibbyRun, ItemContext, RequestTemplate } from '../types';
import { poll } from '../waiting/poll';
import { EngineLoop, isToolCall } from './engineLoop';
import { itemOfError, itemOfRun } from './itemResult';
import type { ItemStartLog } from './startedRuns';

/** Items that are prepared side by side: some ask n8n's storage for their files' sizes. */
const PREPARED_AT_ONCE = 16;

/** What an operation does for an item whose parameters were read and found right. */
export interface ItemPlan {
	completion: Completion;
	/** Starts the run, or gets it; undefined when the node stops before the item's turn came. */
	begin: (item: BatchItem) => Promise<DibbyRun | undefined>;
}

/** Reads and checks an item's parameters, once. Nothing is sent yet; an item that fails here stops all the others. */
export type Prepare = (context: ItemContext) => Promise<ItemPlan>;

/** An item that everything is ready for. */
export interface BatchItem {
	context: ItemContext;
	connection: Connection;
	/** How often the node was executed before in this execution; undefined for an agent's tool call. */
	runIndex: () => number | undefined;
	/** Set by the operation where it starts a run. */
	startLog?: ItemStartLog;
}

/** An item on its way from the engine's call to its result. */
interface Member {
	index: number;
	context: ItemContext;
	template: RequestTemplate;
	stopped: AbortController;
	/** Answers the engine's call. */
	resolve: (items: INodeExecutionData[]) => void;
	reject: (error: Error) => void;
	ready?: BatchItem & ItemPlan;
	result?: INodeExecutionData;
	error?: ErrorDetails;
}

/**
 * All items of one execution of the node: prepares all, stops there when one is wrong, performs with a limit, and
 * gives each its result, or the node its one error, which names every run that was started.
 */
class Batch {
	/** Settled when no more is done for any item. */
	readonly ended: Promise<void>;

	private readonly members = new Map<number, Member>();

	private readonly engineLoop: EngineLoop<Member>;

	private readonly stopsOnError: boolean;

	private readonly stopped = new AbortController();

	private readonly server: Connection['server'] = { workflowKey: 'workflowId' };

	private redactor?: Promise<Redactor>;

	private requests?: RequestQueue;

	private knownRunIndex?: number;

	private failed?: Member;

	private isOver = false;

	/** @param previous the try before, which n8n gave up: nothing is done until it is over */
	constructor(
		private readonly first: ItemContext,
		private readonly prepareItem: Prepare,
		previous?: { ended: Promise<void> },
	) {
		this.stopsOnError = !first.continueOnFail();
		this.engineLoop = new EngineLoop(first);
		this.ended = this.execute(previous?.ended);
	}

	accepts(itemIndex: number): boolean {
		return !this.isOver && !this.members.has(itemIndex);
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
		if (this.stopsOnError && !this.engineLoop.isComplete) this.stop();
		await Promise.all(work);
		this.isOver = true;
		cancelled?.removeEventListener('abort', this.stop);
		this.deliver(cancelled?.aborted === true);
	}

	private async prepareAll(group: Array<Member>): Promise<void> {
		for (let start = 0; start < group.length; start += PREPARED_AT_ONCE) {
			if (this.stopped.signal.aborted) return;
			const some = group.slice(start, start + PREPARED_AT_ONCE);
			await Promise.all(some.map(async (member) => await this.prepare(member)));
			const wrong = some.find(({ error }) => error !== undefined);
			if (wrong !== undefined) this.onFailure(wrong);
		}
	}

	private async prepare(member: Member): Promise<void> {
		const { context, template, stopped } = member;
		try {
			this.redactor ??= readCredential(context);
			const redact = await this.redactor;
			const plan = await this.prepareItem(context);
			const { requestsAtOnce, timeLimitMs: limitMs } = plan.completion;
			this.requests ??= new RequestQueue(requestsAtOnce, this.stopped.signal, () => {
				if (this.stopsOnError) this.stop();
			});
			const connection = {
				n8n: context,
				template,
				requests: this.requests,
				stopped: stopped.signal,
				redact,
				server: this.server,
				timeLimit: { limitMs },
			};
			const runIndex = () => this.runIndexOf(context);
			member.ready = { context, connection, runIndex, ...plan };
		} catch (error) {
			member.error = detailsOf(error, member);
		}
	}

	private async perform(member: Member): Promise<void> {
		const { ready } = member;
		if (ready === undefined) return;
		const { connection, completion } = ready;
		try {
			const known = await ready.begin(ready);
			const run =
				known && completion.waits
					? await poll(connection, known, completion.pollIntervalMs)
					: known;
			if (run !== undefined) {
				const item = await itemOfRun(
					connection,
					run,
					member.index,
					completion,
					ready.startLog !== undefined,
				);
				const isForAgent = isToolCall(this.first);
				member.result = isForAgent ? answerForAgent(item, completion.agentAnswerLimit) : item;
			}
		} catch (error) {
			member.error = detailsOf(error, member);
			this.onFailure(member);
		}
	}

	private onFailure(member: Member): void {
		if (!this.stopsOnError) return;
		this.failed ??= member;
		this.stop();
	}

	/** n8n takes nothing from a cancelled execution; an error would only make it look like a failed one. */
	private deliver(isCancelled: boolean): void {
		for (const member of this.members.values()) {
			const { error, index, ready } = member;
			if (error !== undefined && !this.stopsOnError) member.result = itemOfError(error, index);
			const isFailed = member === this.failed && error !== undefined && !isCancelled;
			if (isFailed) member.reject(this.nodeError(error, index));
			else if (this.failed !== undefined || member.result === undefined) member.resolve([]);
			else member.resolve([member.result]);
			ready?.startLog?.end(error === undefined && !isFailed);
		}
	}

	private nodeError(error: ErrorDetails, itemIndex: number): DibbyNodeError {
		const startedRuns = new Map<number, string>();
		for (const { index, ready } of this.members.values()) {
			const runId = ready?.startLog?.runId;
			if (runId !== undefined) startedRuns.set(index, runId);
		}
		// A model gets the message alone.
		const details = isToolCall(this.first)
			? { ...error, message: `${error.message}. ${error.description}`, page: undefined }
			: { ...error, message: `${error.message}${this.engineLoop.nameOf(itemIndex)}` };
		return new DibbyNodeError(this.first.getNode(), itemIndex, details, startedRuns);
	}

	/** Read once: it is an expression, and costs as much as a request. */
	private runIndexOf(context: ItemContext): number | undefined {
		if (isToolCall(context)) return undefined;
		this.knownRunIndex ??= Number(
			context.evaluateExpression('{{ $runIndex }}', context.getItemIndex()),
		);
		return this.knownRunIndex;
	}
}

/** @throws DibbyError when the credential's Base URL can't be used */
async function readCredential(context: ItemContext): Promise<Redactor> {
	const { token, baseUrl } = await context.getCredentials<{ token?: string; baseUrl?: string }>(
		'dibbyApi',
	);
	const message = validateBaseUrl(baseUrl);
	if (message !== undefined) {
		throw new DibbyError({
			message,
			description: 'Open the Dibby API credential and correct it.',
		});
	}
	return redactorFor(String(token ?? '').trim());
}

/** Anything else than the node's own errors is a fault of the node, or of n8n's storage; its words may help. */
function detailsOf(error: unknown, { ready }: Member): ErrorDetails {
	const runId = ready?.startLog?.runId;
	if (error instanceof DibbyError) return { runId, ...error.details };
	const words = error instanceof Error ? error.message : String(error);
	const shown = ready === undefined ? words : ready.connection.redact.quote(words);
	return {
		message: 'The node could not finish its work',
		description: `${shown}. If it happens again, report it with these words.`,
		runId,
	};
}

/** Keyed by an object that n8n's engine makes for each execution of a node, so that the batch is collected with it. */
const batches = new WeakMap<object, Batch>();

/**
 * Joins an item to the batch of its node execution, and waits for its result.
 *
 * Retry On Fail executes the node again with the same object: an item that comes again begins a new batch, and the
 * one before, whose results nobody reads any more, stops.
 */
export async function joinBatch(
	context: ItemContext,
	template: RequestTemplate,
	prepare: Prepare,
): Promise<INodeExecutionData[]> {
	const key = context.getExecuteData();
	const current = isToolCall(context) ? undefined : batches.get(key);
	if (current?.accepts(context.getItemIndex())) return await current.join(context, template);
	current?.stop();
	const batch = new Batch(context, prepare, current);
	if (!isToolCall(context)) batches.set(key, batch);
	return await batch.join(context, template);
}
