import type { ErrorDetails } from '../errors';

/** Models try again by themselves; Dibby's reasons seldom go away by that. */
const NOT_AGAIN =
	'Do not call this tool again with these inputs: another run would be paid for too.';

/**
 * Makes an error fit for a language model, which may get its message alone: that holds all, and where a run was started,
 * or may have been, its ID and what a second call costs.
 *
 * @param isStart whether the call was to start a run
 */
export function errorForAgent(error: ErrorDetails, isStart: boolean): ErrorDetails {
	const { runId, outcomeUnknown } = error;
	const costsAgain = isStart && (runId !== undefined || outcomeUnknown === true);
	const isNamed = runId === undefined || error.description.includes(runId);
	const description = [
		error.description,
		isNamed ? '' : `The run's ID is ${runId}.`,
		costsAgain ? NOT_AGAIN : '',
	]
		.filter((sentence) => sentence !== '')
		.join(' ');
	return { ...error, description, page: undefined };
}
