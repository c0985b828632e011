import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCase } from './measure.cts';
import type { Outcome } from './measure.cts';
import { isQuick } from './table.cts';

/** Outcomes of each way, in the order in which they were measured. */
export type Outcomes = Record<string, Outcome[]>;

/** Starts a server in its own process, so that its time and memory aren't measured. */
export async function startServerProcess(name: 'sandbox' | 'receiver' = 'sandbox') {
	const child = fork(join(__dirname, `${name}.child.cts`), [], { execArgv: ['-r', 'tsx/cjs'] });
	const next = async <Message,>() => ((await once(child, 'message')) as [Message])[0];
	const { url, token } = await next<{ url: string; token: string }>();
	/** The SHA-256 of the documents that a receiver received. */
	const hashes = async () => {
		const hashes = next<string[]>();
		child.send('hashes');
		return await hashes;
	};
	return { url, token, hashes, stop: () => child.disconnect() };
}

/**
 * Measures several ways to do the same, by turns, each time in a fresh process with a fresh server. The order is
 * reversed every time, because the machine can get slower or faster meanwhile.
 *
 * @param name the case's script, `<name>.case.cts`, which gets the way, the server's URL and token, and `args`
 * @param expected the SHA-256 of the documents that must be received
 */
export async function byTurns(
	name: string,
	ways: string[],
	args: string[],
	times: number,
	expected?: string[],
): Promise<Outcomes> {
	const outcomes: Outcomes = Object.fromEntries(ways.map((way) => [way, []]));
	const script = join(__dirname, `${name}.case.cts`);
	for (let time = 0; time < (isQuick ? 1 : times); time++) {
		for (const way of time % 2 === 0 ? ways : [...ways].reverse()) {
			await inTemporaryFolder(async (folder) => {
				const server = await startServerProcess(expected ? 'receiver' : 'sandbox');
				try {
					const outcome = await runCase(script, [way, server.url, server.token, ...args], folder);
					if (expected && !('failed' in outcome)) {
						const received = await server.hashes();
						if (received.join() !== expected.join()) throw new Error(`${way}: a document changed`);
					}
					outcomes[way]?.push(outcome);
				} finally {
					server.stop();
				}
			});
		}
	}
	return outcomes;
}

/** Creates a folder for some work and removes it afterwards. */
export async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>) {
	const folder = mkdtempSync(join(tmpdir(), 'dibby-bench-'));
	return await work(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
}
