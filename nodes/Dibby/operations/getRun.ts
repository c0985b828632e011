import { DibbyError, inputError } from '../errors';
import type { Plan } from '../execution/task';
import { RUN_ID_FIELD } from '../types';
import type { ItemContext } from '../types';
import { findRun } from '../waiting/poll';
import type { Operation } from './operation';
import { readCompletion, sourceOf } from './readParameters';

/** Gets a run by its ID. */
export const getRun: Operation = {
	value: 'getRun',
	name: 'Get Run',
	action: 'Get run',
	description: 'Retrieve an existing run, and optionally wait for its result',
	request: { method: 'GET', url: '=/runs/{{ encodeURIComponent($parameter.runId) }}' },
	parameters: [
		{
			displayName: 'Run ID',
			name: 'runId',
			type: 'string',
			// On an error output, n8n adds the fields of the incoming item, perhaps with another run's ID, to the error.
			default: '={{ ($json.error?.dibbyRunId === undefined ? $json : $json.error).dibbyRunId }}',
			required: true,
			placeholder: 'e.g. run_abc123',
			description:
				"The ID that 'Trigger Run' returned as dibbyRunId. The default takes it from the incoming item.",
		},
		// Set by the node itself, in the helper workflow of a sleeping execution.
		{ displayName: 'Sleep Step', name: 'sleepStep', type: 'hidden', default: '' },
	],
	prepare,
};

function prepare(context: ItemContext): Plan[] {
	const value: unknown = context.getNodeParameter('runId', '');
	const runId = ['string', 'number'].includes(typeof value) ? String(value).trim() : '';
	if (runId === '') throw noRunError(context.getInputData().json.error);
	const completion = readCompletion(context);
	return [
		{
			runId,
			completion,
			source: sourceOf(context.getInputData(), completion),
			begin: async ({ connection }) => await findRun(connection, runId, completion, false),
		},
	];
}

/** Repeats the error of a Dibby node before this one, which says whether a run was started. */
function noRunError(before: unknown): DibbyError {
	const error = Object(before) as Record<string, unknown>;
	if (error[RUN_ID_FIELD] !== null) {
		return inputError(
			"'Run ID' is empty",
			"Use the ID that 'Trigger Run' returned, for example {{ $json.dibbyRunId }}.",
		);
	}
	return new DibbyError({
		message: "'Run ID' is empty, because the Dibby node before this one failed",
		description: `That node's error: ${String(error.message)}. ${String(error.description)}`,
		outcomeUnknown: error.runMayHaveStarted === true,
	});
}
