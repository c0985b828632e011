import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { WORK_FOLDER } from '../../sandbox/editor/paths.cts';

const FILE = join(WORK_FOLDER, 'queue-figures.json');

/** What the tests of queue mode measure. */
export interface Figures {
	/** Memory in MiB, by where n8n stores files. */
	storages: Record<
		string,
		Record<'seconds' | 'mainBefore' | 'main' | 'workerBefore' | 'worker', number>
	>;
	webhooks: {
		calls: number;
		seconds: number;
		/** Executions of each worker. */
		shares: number[];
		mainSecondsPerCall: number;
		workerSecondsPerCall: number;
	};
	stop: { lastPollAfterMs: number };
	killed: { noticedAfterMs: number };
}

/** Keeps what a test measured for `npm run docs:scaling`. */
export function note<Name extends keyof Figures>(name: Name, figure: Figures[Name]): void {
	mkdirSync(dirname(FILE), { recursive: true });
	writeFileSync(FILE, JSON.stringify({ ...figures(), [name]: figure }, null, '\t'));
}

export function figures(): Partial<Figures> {
	return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Figures>) : {};
}
