import { clock } from '../clock';
import type { ItemContext } from '../types';

/**
 * Waited beyond the pause of n8n's Batching before its loop counts as over: in turns of the event loop rather than in
 * time alone, since a busy machine may be late with n8n's timer and with what comes after it.
 */
const GRACE_TURNS = 20;
const GRACE_TURN_MS = 5;

/**
 * Tells a call within the execution of an AI agent: agents up to version 2 call the hook with the execute data of the
 * *agent*. Its items are the agent's, and all calls share it. Later ones have n8n execute the tool as a node of its own.
 */
export function isWithinAgent(context: ItemContext): boolean {
	return context.getExecuteData().node.name !== context.getNode().name;
}

/** Tells the call of an AI agent's tool, which is a batch of its own. */
export function isToolCall(context: ItemContext): boolean {
	return context.getNode().type.endsWith('Tool') || isWithinAgent(context);
}

/**
 * The items of one execution of the node, as n8n's engine hands them over (read in RoutingNode, n8n-core 2.41):
 * it evaluates the parameters of an item, calls its hook, goes on with the next item without waiting, and looks at the
 * results when all items have been handed over.
 *
 * - **Batching** makes it pause between groups of items. Size and interval are those of item 0; a size that is not above
 *   zero counts as 1.
 * - **Execute Once** makes it hand over the first item only.
 * - When an **expression of a later item** fails, it throws at once, unless the node continues on errors: nobody
 *   reads the results of the items before, which must not start anything more. That shows in items that don't come.
 * - With **Continue**, such an item just does not come, and a whole group may be missing.
 */
export class EngineLoop<Item extends { index: number }> {
	/** How many items the engine has for the node. */
	readonly expected: number;

	private readonly groupSize: number;

	private readonly pauseMs: number;

	private lastIndex = -1;

	private waiting: Item[] = [];

	private nextItem = new AbortController();

	private knownRunIndex?: number;

	/** Whether an agent called the node as its tool. */
	readonly isToolCall: boolean;

	/** Read once: n8n copies the whole node each time. */
	readonly nodeName: string;

	/** @param first the context of the first item that came */
	constructor(private readonly first: ItemContext) {
		const { node, data } = first.getExecuteData();
		this.isToolCall = isToolCall(first);
		this.nodeName = first.getNode().name;
		const isSingle = this.isToolCall || node.executeOnce === true;
		this.expected = isSingle ? 1 : ((data.main ?? data.ai_tool)?.[0]?.length ?? 1);
		const { batching } = first.getNodeParameter('requestOptions', {}) as {
			batching?: { batch?: { batchSize?: unknown; batchInterval?: unknown } };
		};
		const size = Number(batching?.batch?.batchSize);
		this.groupSize = size > 0 ? size : 1;
		const interval = Number(batching?.batch?.batchInterval);
		this.pauseMs = interval > 0 ? interval : 0;
	}

	/** Whether all items have been handed over. */
	get isComplete(): boolean {
		return this.lastIndex >= this.expected - 1;
	}

	/**
	 * How often the node was executed before; undefined for a tool's call.
	 * Read once: it is an expression, and costs as much as a request.
	 */
	get runIndex(): number | undefined {
		if (this.isToolCall) return undefined;
		this.knownRunIndex ??= Number(
			this.first.evaluateExpression('{{ $runIndex }}', this.first.getItemIndex()),
		);
		return this.knownRunIndex;
	}

	add(item: Item): void {
		this.waiting.push(item);
		this.lastIndex = item.index;
		if (!this.nextItem.signal.aborted) this.nextItem.abort();
	}

	/**
	 * The items that the engine hands over next, in one go.
	 *
	 * @param allowsGaps whether items may be missing, because the node continues on errors
	 * @returns undefined when it hands over no more
	 */
	async nextGroup(allowsGaps: boolean): Promise<Item[] | undefined> {
		const pauses = Math.min(this.pausesLeft, allowsGaps ? Infinity : 1);
		if (this.waiting.length === 0 && !this.isComplete && pauses > 0) {
			const { signal } = this.nextItem;
			await clock.watch(pauses * this.pauseMs, signal);
			for (let turn = 0; turn < GRACE_TURNS && !signal.aborted; turn++) {
				await clock.watch(GRACE_TURN_MS, signal);
			}
		}
		if (this.waiting.length === 0) return undefined;
		// Nothing interrupts the engine while it hands over a group.
		await clock.watch(1);
		if (!this.isComplete && this.pausesLeft === 0 && !allowsGaps) return undefined;
		const group = this.waiting;
		this.waiting = [];
		this.nextItem = new AbortController();
		return group;
	}

	/** How often the engine pauses before it comes to the group of the last item. */
	private get pausesLeft(): number {
		if (this.pauseMs === 0) return 0;
		const groupOf = (index: number) => Math.floor(index / this.groupSize);
		return groupOf(this.expected - 1) - groupOf(this.lastIndex);
	}
}
