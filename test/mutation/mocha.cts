import { createRequire } from 'node:module';

type Hook = (work: () => void | Promise<void>) => void;

/** The part of mocha that is used here; its own types declare the same globals as jest's. */
export interface Mocha {
	describe: (title: string, define: (this: { timeout: (ms: number) => void }) => void) => void;
	it: (title: string, work: () => void | Promise<void>) => void;
	before: Hook;
	after: Hook;
}

export const mocha = createRequire(__filename)('mocha') as Mocha;
