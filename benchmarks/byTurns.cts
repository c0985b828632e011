import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCase } from './measure.cts';
import type { Outcome } from './measure.cts';
import type { Seen } from './sandbox.child.cts';
import { isQuick } from './table.cts';

/** Outcomes of each way, in the order in which they were measured. */
export type Outcomes = Record<string, Outcome[]>;

/** Starts a sandbox in its own process, so that its time and memory aren't measured. */
export async function startSandboxProcess() {
	const child = fork(join(__dirname, 'sandbox.child.cts'), [], { execArgv: ['-r', 'tsx/cjs'] });
	const next = async <Message,>() => ((await once(child, 'message')) as [Message])[0];
	const { url, token } = await next<{ url: string; token: string }>();
	const look = async () => {
		const seen = next<Seen>();
		child.send('look');
		return await seen;
	};
	return { url, token, look, stop: () => child.disconnect() };
}

/**
 * Measures several ways to do the same, by turns, each time in a fresh process with a fresh sandbox. The order is
 * reversed every time, because the machine can get slower or faster meanwhile.
 *
 * @param name the case's script, `<name>.case.cts`, which gets the way, the sandbox's URL and token, and `args`
 * @param check throws when what the sandbox received is wrong
 */
export async function byTurns(
	name: string,
	ways: string[],
	args: string[],
	times: number,
	check: (way: string, seen: Seen) => void = () => {},
): Promise<Outcomes> {
	const outcomes: Outcomes = Object.fromEntries(ways.map((way) => [way, []]));
	const script = join(__dirname, `${name}.case.cts`);
	for (let time = 0; time < (isQuick ? 1 : times); time++) {
		for (const way of time % 2 === 0 ? ways : [...ways].reverse()) {
			await inTemporaryFolder(async (folder) => {
				const sandbox = await startSandboxProcess();
				try {
					const outcome = await runCase(script, [way, sandbox.url, sandbox.token, ...args], folder);
					if (!('failed' in outcome)) check(way, await sandbox.look());
					outcomes[way]?.push(outcome);
				} finally {
					sandbox.stop();
				}
			});
		}
	}
	return outcomes;
}

/** Creates a folder for some work and removes it afterwards. */
export async function inTemporaryFolder<Result>(
	work: (folder: string) => Promise<Result>,
): Promise<Result> {
	const folder = mkdtempSync(join(tmpdir(), 'dibby-bench-'));
	try {
		return await work(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
