import type { INodeExecutionData } from 'n8n-workflow';

import { inputError } from '../errors';
import type { ErrorDetails } from '../errors';
import type { ItemContext } from '../types';
import { isWithinAgent } from './engineLoop';
import { errorData } from './itemResult';

/** Models try again by themselves; Dibby's reasons seldom go away by that. */
const NOT_AGAIN =
	'Do not call this tool again with these inputs: another run would be paid for too.';

/**
 * Whether an error that is thrown reaches nobody: agents up to version 2 call the tool within their own execution, and
 * hand the model an empty answer in the place of what it throws (`AgentExecutor` of LangChain). With Retry On Fail, n8n
 * calls the tool again only when it throws.
 */
export function swallowsErrors(context: ItemContext): boolean {
	return isWithinAgent(context) && context.getNode().retryOnFail !== true;
}

/**
 * Refuses what would be paid for and lost: of a tool with an error output, n8n's engine hands agents from version 3 on an
 * empty answer, whatever the tool gave (`handleNodeErrorOutput` in n8n-core counts main outputs, and a tool has none).
 *
 * @throws DibbyError; the log has it too, since nobody gets it as an answer
 */
export function checkAnswerArrives(context: ItemContext): void {
	if (context.getNode().onError !== 'continueErrorOutput' || isWithinAgent(context)) return;
	const error = inputError(
		'n8n would lose the answer of this tool',
		"Set On Error to Continue in the tool's settings: with an error output, an agent gets nothing.",
	);
	context.logger.warn(`Dibby: ${error.message}. ${error.details.description}`);
	throw error;
}

/**
 * Makes an error fit for a language model: where a run was started, or may have been, it has its ID and says what a
 * second call costs.
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

/**
 * The answer that stands for an error. It is no error's item for n8n, which would send that to the tool's error output,
 * where no model ever sees it.
 */
export function agentItemOfError(error: ErrorDetails, item: number): INodeExecutionData {
	return { json: errorData({ ...error, httpStatus: undefined }), pairedItem: { item } };
}
