import type { DibbyRun, ItemContext } from '../types';

/** How far a run is, in words: "RUNNING, 3 of 5 steps". */
export function progressOf({ status, steps, stepsCompleted }: DibbyRun): string {
	const state = typeof status === 'string' ? status : 'unknown';
	const counted = typeof steps === 'number' && typeof stepsCompleted === 'number';
	return counted ? `${state}, ${stepsCompleted} of ${steps} steps` : state;
}

/**
 * Says how far a run is: in n8n's log, and in the browser's console while somebody runs the workflow in the editor.
 * That is all that n8n lets a declarative node show before it has ended.
 */
export function tellProgress(context: ItemContext, run: DibbyRun): void {
	const progress = progressOf(run);
	context.logger.debug('Dibby: a run is waited for', { runId: run.id, progress });
	context.sendMessageToUI?.(`Dibby run ${run.id}: ${progress}`);
}
