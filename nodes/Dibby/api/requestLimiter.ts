import { clock } from '../clock';

/**
 * Limits how many requests a node execution sends at the same time, first come, first served,
 * and sends none while Dibby asks for a pause.
 */
export class RequestLimiter {
	private waiting: Array<() => void> = [];

	private nextInLine = 0;

	private active = 0;

	private pausedUntil = 0;

	/** The pause that everybody waits for, while there is one. */
	private resting?: Promise<void>;

	/**
	 * @param maxParallel how many requests may be active at the same time
	 * @param stopped ends the pauses
	 * @param onError called when a request's work throws, before any other request gets its turn
	 */
	constructor(
		private readonly maxParallel: number,
		private readonly stopped: AbortSignal,
		private readonly onError: () => void = () => {},
	) {}

	/** Pauses the requests of all items, because the server receives too many of them. */
	pause(milliseconds: number): void {
		this.pausedUntil = Math.max(this.pausedUntil, clock.now() + milliseconds);
	}

	/**
	 * Does work when its turn comes.
	 *
	 * @param deadline when the wait for the end of a pause ends, on the node's clock
	 * @returns the work's result; undefined if the node was stopped, or the deadline passed, before that
	 */
	async run<Result>(deadline: number, work: () => Promise<Result>): Promise<Result | undefined> {
		do {
			while (this.pausedUntil > clock.now()) {
				if (this.stopped.aborted || clock.now() >= deadline) return undefined;
				await (deadline < this.pausedUntil
					? clock.sleep(deadline - clock.now(), this.stopped)
					: this.rest());
			}
			await this.takeSlot();
			// Dibby may have asked for a pause in the meantime.
		} while (this.pausedUntil > clock.now() && this.releaseSlot());
		let hasFailed = true;
		try {
			const result = this.stopped.aborted ? undefined : await work();
			hasFailed = false;
			return result;
		} finally {
			if (hasFailed) this.onError();
			this.releaseSlot();
		}
	}

	private async rest(): Promise<void> {
		this.resting ??= clock
			.sleep(this.pausedUntil - clock.now(), this.stopped)
			.finally(() => (this.resting = undefined));
		await this.resting;
	}

	private async takeSlot(): Promise<void> {
		if (this.active < this.maxParallel) {
			this.active++;
			return;
		}
		// A released slot stays counted: it passes directly to the next in line.
		await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	private releaseSlot(): true {
		const next = this.waiting[this.nextInLine++];
		if (next === undefined) this.active--;
		else next();
		// Removing one at a time would cost more the longer the queue is.
		if (this.nextInLine * 2 > this.waiting.length) {
			this.waiting = this.waiting.slice(this.nextInLine);
			this.nextInLine = 0;
		}
		return true;
	}
}
