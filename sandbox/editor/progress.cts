const HEARTBEAT_MS = 15_000;

/** Prints a line right away; jest would buffer `console.log`. */
export function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** Runs a step that takes long, and prints that it started, still runs, and has ended. */
export async function step<T>(title: string, usualTime: string, work: () => Promise<T>) {
	say(`${title} (takes ${usualTime}) ...`);
	const start = performance.now();
	const seconds = () => Math.round((performance.now() - start) / 1000);
	const heartbeat = setInterval(() => say(`  ${seconds()} s ...`), HEARTBEAT_MS);
	const result = await work().finally(() => clearInterval(heartbeat));
	say(`  done in ${seconds()} s`);
	return result;
}
