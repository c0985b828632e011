import type { DibbyRun } from '../types';

/** Tells a run from other JSON: without an ID, nothing can be done with it. */
export function isRun(json: unknown): json is DibbyRun {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
	const { id } = json as { id?: unknown };
	return typeof id === 'string' && id !== '';
}

/** FINISHED and FAILED are final. Any other status, also one that is not documented, counts as still running. */
export function isOver({ status }: DibbyRun): boolean {
	return status === 'FINISHED' || status === 'FAILED';
}
