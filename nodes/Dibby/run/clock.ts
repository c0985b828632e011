/**
 * The node's only source of time and chance, so that tests can put their own in its place.
 * Time is monotonic: setting the machine's clock changes no deadline.
 */
export const clock = {
	/** Milliseconds since some fixed moment. */
	now: (): number => performance.now(),

	/** From 0 to 1. */
	random: (): number => Math.random(),

	/**
	 * Waits, and stops at once when the signal fires. Nothing throws: the caller looks at the signal.
	 * The timer belongs to an AbortSignal, because node code may not call setTimeout, and n8n-workflow's
	 * `sleep` can't be stopped and would leave its timer behind.
	 */
	sleep: async (milliseconds: number, stop?: AbortSignal): Promise<void> => {
		if (milliseconds <= 0 || stop?.aborted) return;
		const timer = AbortSignal.timeout(Math.ceil(milliseconds));
		await new Promise<void>((resolve) => {
			const finish = () => {
				timer.removeEventListener('abort', finish);
				stop?.removeEventListener('abort', finish);
				resolve();
			};
			timer.addEventListener('abort', finish);
			stop?.addEventListener('abort', finish);
		});
	},
};
