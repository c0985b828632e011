import { clock } from '../clock';

/**
 * Lets a limited number of a node's requests be under way at once, first come first served,
 * and none while Dibby wants a pause.
 */
export class RequestQueue {
	private turns: Array<() => void> = [];

	private nextTurn = 0;

	private inFlight = 0;

	private pausedUntil = 0;

	private isServing = false;

	/**
	 * @param limit how many requests may be under way at once
	 * @param stopped ends the pauses; whoever waits gets a turn then and makes no request
	 * @param onFailure called when a request's work throws, before anybody else gets a turn
	 */
	constructor(
		private readonly limit: number,
		private readonly stopped: AbortSignal,
		private readonly onFailure: () => void,
	) {}

	/** Makes no request for a while, for no item: the server has too many from us. */
	pauseRequests(milliseconds: number): void {
		this.pausedUntil = Math.max(this.pausedUntil, clock.now() + milliseconds);
	}

	/**
	 * Does work when its turn comes.
	 *
	 * @returns the work's result, or undefined when the signal fired before the turn came
	 */
	async run<Result>(
		stopped: AbortSignal,
		work: () => Promise<Result>,
	): Promise<Result | undefined> {
		await new Promise<void>((resolve) => {
			this.turns.push(resolve);
			void this.serve();
		});
		let isDone = false;
		try {
			const result = stopped.aborted ? undefined : await work();
			isDone = true;
			return result;
		} finally {
			if (!isDone) this.onFailure();
			this.inFlight--;
			void this.serve();
		}
	}

	private async serve(): Promise<void> {
		if (this.isServing) return;
		this.isServing = true;
		while (this.inFlight < this.limit && this.nextTurn < this.turns.length) {
			const pause = this.pausedUntil - clock.now();
			if (pause > 0 && !this.stopped.aborted) {
				await clock.sleep(pause, this.stopped);
				continue;
			}
			const takeTurn = this.turns[this.nextTurn++];
			this.inFlight++;
			takeTurn?.();
			// Not one by one: that would cost more, the more items wait.
			if (this.nextTurn * 2 > this.turns.length) {
				this.turns = this.turns.slice(this.nextTurn);
				this.nextTurn = 0;
			}
		}
		this.isServing = false;
	}
}
