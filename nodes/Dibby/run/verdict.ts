import type { DibbyRun } from '../types';
import type { Answer } from './exchange';

/** What a request came to: a run, or a pause before it is made again, for this item or for all of them. */
export type Verdict = { run: DibbyRun } | { pause: number; everybody: boolean };

export function isSuccess({ status }: Answer): boolean {
	return status >= 200 && status < 300;
}
