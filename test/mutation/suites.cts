import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { mocha } from './jestInMocha.cts';

/** The tests that run the node; the others read texts and documentation, or try the tools. */
const FOLDERS = ['engine', 'faults'];
const UNITS = [
	'agentAnswer',
	'bounds',
	'clock',
	'credential',
	'credentialTest',
	'description',
	'longIntegers',
	'mediaTypes',
	'nodeError',
	'response',
	'sleep',
	'streamedDocuments',
];

/** They take seconds, so they come last: a mutant is done with when the first test fails. */
const SLOW = [
	'engine/documents',
	'engine/cancel',
	'faults/faults',
	'faults/properties',
	'unit/streamedDocuments',
];

/** A mutant that makes a test wait for ever is found out by the test, without a new process. */
const LONGEST_TEST_MS = 10_000;

const folder = join(__dirname, '..');
const inFolders = FOLDERS.flatMap((name) =>
	readdirSync(join(folder, name))
		.filter((file) => file.endsWith('.test.cts'))
		.map((file) => `${name}/${file.replace('.test.cts', '')}`),
);
const all = [...inFolders, ...UNITS.map((name) => `unit/${name}`)];

// What is set once when the node is loaded belongs to no test, and must not be taken for the first one's.
for (const file of readdirSync(join(folder, '..', 'dist'), { recursive: true, encoding: 'utf8' })) {
	if (file.endsWith('.js')) createRequire(__filename)(join(folder, '..', 'dist', file));
}

// What a file sets up for its tests would, other than in jest, be set up for those of all files without a suite.
for (const file of [...all.filter((name) => !SLOW.includes(name)), ...SLOW]) {
	mocha.describe(file, function () {
		this.timeout(LONGEST_TEST_MS);
		createRequire(__filename)(join(folder, `${file}.test.cts`));
	});
}
