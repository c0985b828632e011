import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const BEAT_MS = 15_000;

/** `95_000` becomes `1 min 35 s`. */
export function formatDuration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** What is said before a step: how long it took last time, or else how long it takes about. */
export function expectation(lastMs: number | undefined, usually: string): string {
	return lastMs === undefined ? `takes ${usually}` : `took ${formatDuration(lastMs)} last time`;
}

/** Tells what is going on, and remembers in a file how long each step took. */
export class Progress {
	constructor(
		private readonly file: string,
		private readonly print: (line: string) => void = (line) => console.log(line),
	) {}

	/** Prints one line. */
	say(line: string) {
		this.print(line);
	}

	/**
	 * Runs a step that takes long: says so, says every 15 seconds that it still runs, and how long it took.
	 * @param usually what to say the first time, such as `about 3 minutes`
	 * @param detail a few words on how far the step is, asked for at each beat
	 */
	async step<T>(
		title: string,
		usually: string,
		work: () => Promise<T>,
		detail?: () => string,
	): Promise<T> {
		const durations = this.read();
		this.print(`${title} (${expectation(durations[title], usually)}) ...`);
		const start = Date.now();
		const beat = setInterval(() => {
			const more = detail?.();
			const time = formatDuration(Date.now() - start);
			this.print(`  still at it: ${time}${more ? `, ${more}` : ''}`);
		}, BEAT_MS);
		try {
			const result = await work();
			const took = Date.now() - start;
			this.print(`  done in ${formatDuration(took)}`);
			this.remember(title, took);
			return result;
		} finally {
			clearInterval(beat);
		}
	}

	private remember(title: string, ms: number) {
		mkdirSync(path.dirname(this.file), { recursive: true });
		const durations = { ...this.read(), [title]: ms };
		writeFileSync(this.file, `${JSON.stringify(durations, null, '\t')}\n`);
	}

	private read(): Record<string, number> {
		let known: unknown;
		try {
			known = JSON.parse(readFileSync(this.file, 'utf8'));
		} catch {
			// Absent at first, or cut off by an interruption: only memories are lost.
			return {};
		}
		if (typeof known !== 'object' || known === null) return {};
		return Object.fromEntries(
			Object.entries(known).filter(
				(entry): entry is [string, number] => typeof entry[1] === 'number',
			),
		);
	}
}
