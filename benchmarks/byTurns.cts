import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { inOwnProcess } from './measure.cts';
import type { Measured, Outcome } from './measure.cts';
import { isQuick } from './report.cts';
import type { Seen } from './sandbox.child.cts';
import { startSandboxProcess } from './sandboxProcess.cts';

/** A way of doing something, with the arguments of its case before and after the sandbox's address. */
export interface Variant {
	name: string;
	argsBefore?: string[];
	argsAfter?: string[];
	/** How often it is measured, where that is not as often as the others. */
	times?: number;
}

/**
 * Measures variants by turns, each time in a fresh process against a fresh sandbox in another.
 * Who comes first finds another machine than who comes last, so the order turns round each time.
 *
 * @param check looks at what the sandbox saw of a variant that succeeded, and throws when it is wrong
 */
export async function byTurns<Figures extends object = Measured>(
	script: string,
	variants: Variant[],
	times: number,
	folder: string,
	check: (variant: string, seen: Seen) => void = () => {},
): Promise<Record<string, Array<Outcome<Figures>>>> {
	const results: Record<string, Array<Outcome<Figures>>> = Object.fromEntries(
		variants.map(({ name }) => [name, []]),
	);
	for (let time = 0; time < (isQuick() ? 1 : times); time++) {
		const order = time % 2 === 0 ? variants : [...variants].reverse();
		for (const { name, argsBefore = [], argsAfter = [], times: own = times } of order) {
			if (time >= own) continue;
			const temporary = join(folder, 'temporary');
			mkdirSync(temporary);
			const sandbox = await startSandboxProcess();
			try {
				const parameters = [name, ...argsBefore, sandbox.url, sandbox.token, ...argsAfter];
				const outcome = await inOwnProcess<Figures>(script, parameters, temporary);
				if (!('failed' in outcome)) check(name, await sandbox.look());
				results[name]?.push(outcome);
			} finally {
				sandbox.stop();
				rmSync(temporary, { recursive: true, force: true });
			}
		}
	}
	return results;
}
