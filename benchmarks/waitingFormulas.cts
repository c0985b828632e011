const SECOND = 1_000;

/** As in the node: up to this share of a pause is taken off by chance. */
export const JITTER_SHARE = 0.2;

/**
 * Formulas for the pause before the next question, to compare with the node's: names, and milliseconds by
 * milliseconds since the waiting began.
 *
 * @param jitter what the dice make of a pause, as a factor
 */
export function formulas(
	jitter: () => number,
): Array<[name: string, pause: (elapsed: number) => number]> {
	return [
		['1 s or 5 %, to 30 s', (t) => Math.min(30 * SECOND, Math.max(SECOND, 0.05 * t)) * jitter()],
		[
			'2 s or 10 %, to 30 s',
			(t) => Math.min(30 * SECOND, Math.max(2 * SECOND, 0.1 * t)) * jitter(),
		],
		['1 s or 5 %, no end', (t) => Math.max(SECOND, 0.05 * t) * jitter()],
	];
}
