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
	 * Waits, and stops at once when one of the signals fires. Nothing throws: the caller looks at the signals.
	 * The timer belongs to an AbortSignal, because node code may not call setTimeout, and n8n-workflow's
	 * `sleep` can't be stopped and would leave its timer behind.
	 */
	sleep: async (
		milliseconds: number,
		signals: Array<AbortSignal | undefined> = [],
	): Promise<void> => {
		const stops = signals.filter((signal) => signal !== undefined);
		if (milliseconds <= 0 || stops.some(({ aborted }) => aborted)) return;
		const timer = AbortSignal.timeout(Math.ceil(milliseconds));
		await new Promise<void>((resolve) => {
			const finish = () => {
				for (const signal of [timer, ...stops]) signal.removeEventListener('abort', finish);
				resolve();
			};
			for (const signal of [timer, ...stops]) signal.addEventListener('abort', finish);
		});
	},
};
