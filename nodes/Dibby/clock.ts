import { sleep } from 'n8n-workflow';

/** The timers below don't keep the process alive, and `n8n execute` may have nothing else that does. */
const HEARTBEAT_MS = 100;

/** Node.js fires a longer timer right away. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

let sleepers = 0;
let isHeartbeatRunning = false;

/** Keeps the process alive while anything sleeps, with one timer for all sleepers. */
async function keepProcessAlive(): Promise<void> {
	if (isHeartbeatRunning) return;
	isHeartbeatRunning = true;
	while (sleepers > 0) await sleep(HEARTBEAT_MS);
	isHeartbeatRunning = false;
}

/**
 * Uses the timer of an AbortSignal, because node code isn't allowed to call setTimeout, and n8n-workflow's `sleep`
 * can't be stopped.
 */
async function abortableSleep(milliseconds: number, stop?: AbortSignal): Promise<void> {
	if (milliseconds <= 0 || stop?.aborted) return;
	const timer = AbortSignal.timeout(Math.min(Math.ceil(milliseconds), MAX_TIMER_MS));
	sleepers++;
	void keepProcessAlive();
	await new Promise<void>((resolve) => {
		const finish = () => {
			timer.removeEventListener('abort', finish);
			stop?.removeEventListener('abort', finish);
			resolve();
		};
		timer.addEventListener('abort', finish);
		stop?.addEventListener('abort', finish);
	});
	sleepers--;
}

/** The node's only source of time and randomness, so that tests can replace it. */
export const clock = {
	/** Milliseconds since an arbitrary moment. Changing the machine's clock doesn't affect it. */
	now: (): number => performance.now(),

	/** Milliseconds since 1970, for times that are stored and read again after a restart. */
	date: (): number => Date.now(),

	/** Milliseconds since this process started. */
	processAge: (): number => performance.now(),

	/** From 0 to 1. */
	random: (): number => Math.random(),

	/** Waits, in milliseconds, or until the signal fires. It never throws. */
	sleep: abortableSleep,

	/** Like `sleep`, for request deadlines. Tests that simulate pauses don't replace it. */
	watch: abortableSleep,
};
