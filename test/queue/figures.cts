import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { WORK_FOLDER } from '../../sandbox/editor/paths.cts';

const FILE = join(WORK_FOLDER, 'queue-figures.json');

/** What the tests measured, by name; `npm run test:queue` makes docs/scaling.md of it. */
export type Figures = Record<string, unknown>;

/** Keeps what a test measured. */
export function note(name: string, figure: unknown): void {
	mkdirSync(dirname(FILE), { recursive: true });
	writeFileSync(FILE, `${JSON.stringify({ ...figures(), [name]: figure }, null, '\t')}\n`);
}

export function figures(): Figures {
	return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Figures) : {};
}
