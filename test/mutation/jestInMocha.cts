import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { expect } from 'expect';
import { bind } from 'jest-each';

type Hook = (work: () => void | Promise<void>) => void;

/** The part of mocha that is used here; its own types declare the same globals as jest's. */
interface Mocha {
	describe: (title: string, define: (this: { timeout: (ms: number) => void }) => void) => void;
	it: (title: string, work: () => void | Promise<void>) => void;
	before: Hook;
	after: Hook;
}

export const mocha = createRequire(__filename)('mocha') as Mocha;

/**
 * Tests of huge documents and answers, which take seconds and gigabytes for each of thousands of mutants, and one that
 * starts a process of its own, in which no mutant is.
 */
const LEFT_OUT = /67108864|1 GB|never ends|stays alive|0,000|million|deep|\d MB/;

const it: Mocha['it'] = (title, work) => {
	if (!LEFT_OUT.test(title)) mocha.it(title, work);
};

/**
 * Lets mocha run tests written for jest. Stryker's own jest runner was tried: it loads n8n's engine again for each test file
 * and each mutant. The first run took 217 s, and five mutants took four minutes on two cores, four of which Stryker
 * reported as timed out because it doesn't count loading. Mocha loads the engine once for all mutants.
 */
Object.assign(globalThis, {
	expect,
	test: Object.assign(it, { each: bind(it as never) }),
	beforeAll: mocha.before,
	afterAll: mocha.after,
});

/** All texts of jest's snapshots. A mutant that changes a text makes one that isn't among them. */
const SNAPSHOTS = join(__dirname, '..', 'engine', '__snapshots__');
const snapshots = readdirSync(SNAPSHOTS)
	.map((name) => readFileSync(join(SNAPSHOTS, name), 'utf8').replace(/\\(.)/g, '$1'))
	.join('\n');
expect.extend({
	toMatchSnapshot: (received: unknown) => ({
		pass: [received].flat().every((text) => snapshots.includes(`"${String(text)}"`)),
		message: () => `No snapshot contains: ${String(received)}`,
	}),
});

/** Mocha sets its own `describe` anew for each file. */
let current = withEach(mocha.describe);
Object.defineProperty(globalThis, 'describe', {
	get: () => current,
	set: (theirs: Mocha['describe']) => {
		current = withEach(theirs);
	},
});

function withEach(theirs: Mocha['describe']) {
	return Object.assign(theirs, { each: bind(theirs as never, false) });
}
