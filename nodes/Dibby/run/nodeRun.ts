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

	/** Fires when an item has failed and the node will stop: nothing more is started or waited for. */
	readonly stop = new AbortController();

	/** The spelling that Dibby asked for, so that only the first item has to find out. */
	workflowKey: WorkflowKey = 'workflowId';

	private readonly joined = new Set<number>();

	private readonly working = new Set<number>();

	private inFlight = 0;

	/** Those who wait for a free place, first come first served. */
	private readonly queue = new Set<() => void>();

	/** Those who wait for the others to end. */
	private readonly watchers = new Set<() => void>();

	private quietUntil = 0;

	has(itemIndex: number): boolean {
		return this.joined.has(itemIndex);
	}

	join(itemIndex: number): void {
		this.joined.add(itemIndex);
		this.working.add(itemIndex);
	}

	leave(itemIndex: number): void {
		this.working.delete(itemIndex);
		for (const wake of [...this.watchers]) wake();
	}

	/** How many of the first `count` items the engine has started. */
	joinedOf(count: number): number {
		return [...this.joined].filter((itemIndex) => itemIndex < count).length;
	}

	/** Waits until all `count` items of the node have been started by the engine and have ended. */
	async everyItemEnded(count: number): Promise<void> {
		while (this.joined.size < count || this.working.size > 0) await wokenIn(this.watchers);
	}

	/** Asks all items to make no request for a while: the server has too many from us. */
	keepQuiet(milliseconds: number): void {
		this.quietUntil = Math.max(this.quietUntil, clock.now() + milliseconds);
	}

	/**
	 * Does work, with at most `limit` items doing theirs at the same time, and none while the server wants quiet.
	 *
	 * @returns the work's result, or undefined when the wait ended because one of the signals fired
	 */
	async inTurn<Result>(
		limit: number,
		signals: Array<AbortSignal | undefined>,
		work: () => Promise<Result>,
	): Promise<Result | undefined> {
		const stopped = () => signals.some((signal) => signal?.aborted);
		for (;;) {
			if (stopped()) return undefined;
			const quiet = this.quietUntil - clock.now();
			if (quiet > 0) await clock.sleep(quiet, signals);
			else if (this.inFlight < limit) break;
			else await wokenIn(this.queue, signals);
		}
		this.inFlight++;
		this.offerPlace(limit);
		try {
			return await work();
		} finally {
			this.inFlight--;
			this.offerPlace(limit);
		}
	}

	private offerPlace(limit: number): void {
		const [next] = this.queue;
		if (this.inFlight < limit) next?.();
	}
}

/** Waits in a set until somebody calls the function put there, or one of the signals fires. */
async function wokenIn(
	sleepers: Set<() => void>,
	signals: Array<AbortSignal | undefined> = [],
): Promise<void> {
	await new Promise<void>((resolve) => {
		const wake = () => {
			sleepers.delete(wake);
			for (const signal of signals) signal?.removeEventListener('abort', wake);
			resolve();
		};
		sleepers.add(wake);
		for (const signal of signals) signal?.addEventListener('abort', wake);
	});
}

/** Keyed by an object that n8n's engine makes for each execution of a node, so that the state is collected with it. */
const nodeRuns = new WeakMap<object, NodeRun>();

/**
 * Finds the state that an item shares with its siblings, and joins it.
 * The engine keeps the same object for the tries of Retry On Fail: an item that joins again begins a new one.
 */
export function joinNodeRun(context: ItemContext): NodeRun {
	const key = context.getExecuteData();
	const itemIndex = context.getItemIndex();
	const current = nodeRuns.get(key);
	const nodeRun = current === undefined || current.has(itemIndex) ? new NodeRun() : current;
	nodeRuns.set(key, nodeRun);
	nodeRun.join(itemIndex);
	return nodeRun;
}
