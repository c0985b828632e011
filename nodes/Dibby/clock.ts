import { sleep } from 'n8n-workflow';

/** The timers below don't keep a process alive, and an n8n that only executes one workflow has nothing else. */
const HEARTBEAT_MS = 100;

/** Node.js ends a longer timer at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

let sleepers = 0;
let isAwake = false;

/** Keeps the process alive as long as anybody sleeps; one timer, whatever their number. */
async function stayAwake(): Promise<void> {
	if (isAwake) return;
	isAwake = true;
	while (sleepers > 0) await sleep(HEARTBEAT_MS);
	isAwake = false;
}

/**
 * The timer belongs to an AbortSignal, because node code may not call setTimeout, and n8n-workflow's
 * `sleep` can't be stopped and would leave its timer behind.
 */
async function abortableSleep(milliseconds: number, stop?: AbortSignal): Promise<void> {
	if (milliseconds <= 0 || stop?.aborted) return;
	const timer = AbortSignal.timeout(Math.min(Math.ceil(milliseconds), LONGEST_TIMER_MS));
	sleepers++;
	void stayAwake();
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

/**
 * The node's only source of time and chance, so that tests can put their own in its place.
 * Time is monotonic: setting the machine's clock changes no deadline.
 */
export const clock = {
	/** Milliseconds since some fixed moment. */
	now: (): number => performance.now(),

	/** Milliseconds since 1970, for what is stored and read again after a restart. */
	date: (): number => Date.now(),

	/** From 0 to 1. */
	random: (): number => Math.random(),

	/** Waits, in milliseconds, and stops at once when the signal fires. Nothing throws: the caller looks at the signal. */
	sleep: abortableSleep,

	/** The same, for what n8n's engine or a server may take: tests that simulate the pauses leave it alone. */
	watch: abortableSleep,
};
