import { clock } from '../clock';

/** First come, first served. Not an array, because removing its first element takes longer the longer it is. */
class Queue {
	private readonly waiting = new Map<number, () => void>();

	private next = 0;

	add(start: () => void): void {
		this.waiting.set(this.next + this.waiting.size, start);
	}

	take(): (() => void) | undefined {
		const start = this.waiting.get(this.next);
		if (this.waiting.delete(this.next)) this.next++;
		return start;
	}
}

/** What a request is for. */
export type Purpose = 'start' | 'get';

/**
 * Limits how many requests a node execution sends at the same time, and sends none while Dibby asks for a pause. Starts
 * and polls take turns: neither a long upload of many files nor many waiting items hold the others up.
 */
export class RequestLimiter {
	private readonly queues = { start: new Queue(), get: new Queue() };

	private nextPurpose: Purpose = 'get';

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
	async run<Result>(
		purpose: Purpose,
		deadline: number,
		work: () => Promise<Result>,
	): Promise<Result | undefined> {
		do {
			while (this.pausedUntil > clock.now()) {
				if (this.stopped.aborted || clock.now() >= deadline) return undefined;
				await (deadline < this.pausedUntil
					? clock.sleep(deadline - clock.now(), this.stopped)
					: this.rest());
			}
			await this.takeSlot(purpose);
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

	private async takeSlot(purpose: Purpose): Promise<void> {
		if (this.active < this.maxParallel) {
			this.active++;
			return;
		}
		// A released slot stays counted: it passes directly to the next in line.
		await new Promise<void>((resolve) => this.queues[purpose].add(resolve));
	}

	private releaseSlot(): true {
		const other = this.nextPurpose === 'get' ? 'start' : 'get';
		const start = this.queues[this.nextPurpose].take() ?? this.queues[other].take();
		this.nextPurpose = other;
		if (start === undefined) this.active--;
		else start();
		return true;
	}
}
