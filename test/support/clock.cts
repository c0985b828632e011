import { clock } from '../../dist/nodes/Dibby/clock.js';

const real = { ...clock };

/** What the node waited for while its clock was a simulated one. */
export interface SimulatedClock {
	/** Every pause that the node asked for, in milliseconds, in order. */
	pauses: number[];
	/** Puts the real clock back. */
	restore: () => void;
}

/** Makes pauses take no time: the node's clock jumps ahead instead. Requests still go over real sockets. */
export function simulateClock(): SimulatedClock {
	let ahead = 0;
	const pauses: number[] = [];
	clock.now = () => real.now() + ahead;
	clock.random = () => 0.5;
	clock.sleep = async (milliseconds, stop) => {
		await real.sleep(1, stop);
		if (stop?.aborted) return;
		pauses.push(milliseconds);
		ahead += milliseconds;
	};
	return { pauses, restore: () => Object.assign(clock, real) };
}
