import type { WorkflowKey } from '../request/body';
import type { ItemContext } from '../types';
import { clock } from './clock';

/** Requests of one node run that may be under way at once, unless the user chooses another number. */
export const DEFAULT_REQUESTS_AT_ONCE = 4;

/**
 * What the items of one execution of the node share. n8n's engine starts all items at once and lets each fail on
 * its own; this is where they wait for one another.
 */
export class NodeRun {
	/** IDs of the runs that were started or found again, by item. */
	readonly runIds = new Map<number, string>();

	/** The spelling that Dibby asked for, so that only the first item has to find out. */
	workflowKey: WorkflowKey = 'workflowId';

	/** One controller for each item: an AbortSignal with a listener for each of many items makes Node.js warn. */
	private readonly items = new Map<number, AbortController>();

	private readonly prepared = new Set<number>();

	private readonly ended = new Set<number>();

	private inFlight = 0;

	/** Those who wait for a free place, first come first served. */
	private readonly queue = new Set<() => void>();

	/** Those who wait for other items to get further. */
	private readonly watchers = new Set<() => void>();

	private quietUntil = 0;

	private stopped = false;

	/** @param stopsOnError whether the node ends with the first item that fails, as the user chose */
	constructor(
		private readonly stopsOnError: boolean,
		cancelled: AbortSignal | undefined,
	) {
		cancelled?.addEventListener('abort', () => this.stop(), { once: true });
	}

	has(itemIndex: number): boolean {
		return this.items.has(itemIndex);
	}

	/** @returns the signal that ends all waiting of the item: the user cancels, or another item has failed */
	join(itemIndex: number): AbortSignal {
		const controller = new AbortController();
		this.items.set(itemIndex, controller);
		if (this.stopped) controller.abort();
		return controller.signal;
	}

	leave(itemIndex: number): void {
		this.ended.add(itemIndex);
		if (this.ended.size === this.items.size) this.wakeWatchers();
	}

	/** Nothing more is started or waited for. */
	stop(): void {
		this.stopped = true;
		for (const controller of this.items.values()) controller.abort();
		this.wakeWatchers();
	}

	/** How many items the engine has started so far; it starts them in their order. */
	get joined(): number {
		return this.items.size;
	}

	/**
	 * Says that an item has everything it needs, and waits until the first `count` items have too, or one fails.
	 * The last one waits for a moment as well, so that items go on in their order.
	 */
	async everyItemPrepared(itemIndex: number, count: number): Promise<void> {
		this.prepared.add(itemIndex);
		const woken = wokenIn(this.watchers);
		if (this.stopped || this.prepared.size === this.items.size) this.wakeWatchers();
		await woken;
		while (!this.stopped && this.prepared.size < count) await wokenIn(this.watchers);
	}

	/** Waits until all `count` items of the node have been started by the engine and have ended. */
	async everyItemEnded(count: number): Promise<void> {
		while (this.ended.size < count) await wokenIn(this.watchers);
	}

	/** Asks all items to make no request for a while: the server has too many from us. */
	keepQuiet(milliseconds: number): void {
		this.quietUntil = Math.max(this.quietUntil, clock.now() + milliseconds);
	}

	/**
	 * Does work, with at most `limit` items doing theirs at the same time, and none while the server wants quiet.
	 * Where the work throws and the node is to stop, no other item gets a turn after it.
	 *
	 * @returns the work's result, or undefined when the signal fired before the turn came
	 */
	async inTurn<Result>(
		limit: number,
		signal: AbortSignal,
		work: () => Promise<Result>,
	): Promise<Result | undefined> {
		for (;;) {
			if (signal.aborted) return undefined;
			const quiet = this.quietUntil - clock.now();
			if (quiet > 0) await clock.sleep(quiet, signal);
			else if (this.inFlight < limit) break;
			else await wokenIn(this.queue, signal);
		}
		this.inFlight++;
		this.offerPlace(limit);
		let succeeded = false;
		try {
			const result = await work();
			succeeded = true;
			return result;
		} finally {
			if (!succeeded && this.stopsOnError) this.stop();
			this.inFlight--;
			this.offerPlace(limit);
		}
	}

	private offerPlace(limit: number): void {
		const [next] = this.queue;
		if (this.inFlight < limit) next?.();
	}

	private wakeWatchers(): void {
		for (const wake of [...this.watchers]) wake();
	}
}

/** Waits in a set until somebody calls the function put there, or the signal fires. */
async function wokenIn(sleepers: Set<() => void>, signal?: AbortSignal): Promise<void> {
	await new Promise<void>((resolve) => {
		const wake = () => {
			sleepers.delete(wake);
			signal?.removeEventListener('abort', wake);
			resolve();
		};
		sleepers.add(wake);
		signal?.addEventListener('abort', wake);
	});
}

/** Keyed by an object that n8n's engine makes for each execution of a node, so that the state is collected with it. */
const nodeRuns = new WeakMap<object, NodeRun>();

/**
 * Finds the state that an item shares with its siblings.
 * The engine keeps the same object for the tries of Retry On Fail: an item that comes again begins a new one.
 */
export function nodeRunOf(context: ItemContext): NodeRun {
	const key = context.getExecuteData();
	const current = nodeRuns.get(key);
	if (current !== undefined && !current.has(context.getItemIndex())) return current;
	const nodeRun = new NodeRun(!context.continueOnFail(), context.getExecutionCancelSignal?.());
	nodeRuns.set(key, nodeRun);
	return nodeRun;
}
