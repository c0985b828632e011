const BEAT_MS = 15_000;

/** Prints a line at once; jest would keep what `console` gets, and add where it came from. */
export function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** `95_000` becomes `1 min 35 s`. */
export function formatDuration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Runs a step that takes long: says so, says every 15 seconds that it still runs, and how long it took.
 *
 * @param usually how long it takes, such as `about 3 minutes`
 * @param detail a few words on how far the step is, asked for at each beat
 */
export async function step<T>(
	title: string,
	usually: string,
	work: () => Promise<T>,
	detail: () => string = () => '',
	print: (line: string) => void = say,
): Promise<T> {
	print(`${title} (takes ${usually}) ...`);
	const start = performance.now();
	const time = () => formatDuration(performance.now() - start);
	const beat = setInterval(() => print(`  still at it: ${time()} ${detail()}`.trimEnd()), BEAT_MS);
	try {
		const result = await work();
		print(`  done in ${time()}`);
		return result;
	} finally {
		clearInterval(beat);
	}
}
