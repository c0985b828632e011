import { inputError } from '../errors';
import { joinBatch } from '../items/joinBatch';
import type { ItemPlan } from '../items/itemPlan';
import { sleepStep } from '../items/sleepStep';
import type { ItemContext, RequestTemplate } from '../types';
import { findRun } from '../waiting/poll';
import { SLEEP_STEPS } from '../waiting/innerWorkflow';
import { readCompletion } from './readCompletion';
import type { OperationDefinition } from './definition';

/** Get Run: an ID becomes a run. */
export const getRun: OperationDefinition = {
	value: 'getRun',
	name: 'Get Run',
	action: 'Get run',
	description: 'Fetch a run that was started before, and its result if it is finished',
	parameters: [
		{
			displayName: 'Run ID',
			name: 'runId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. run_abc123',
			description: 'The ID that Trigger Run gave. Drag it in from the output of that node.',
		},
		// Set by the node itself, inside the workflow that waits while an execution sleeps.
		{ displayName: 'Sleep Step', name: 'sleepStep', type: 'hidden', default: '' },
	],
	async hook(requestData) {
		const template = requestData.options as RequestTemplate;
		const given = this.getNodeParameter('sleepStep', '');
		const step = SLEEP_STEPS.find((known) => known === given);
		if (step !== undefined) return await sleepStep(this, template, step);
		return await joinBatch(this, template, prepare);
	},
};

function prepare(context: ItemContext, isToolCall: boolean): ItemPlan {
	const runId = runIdOf(context.getNodeParameter('runId', ''));
	const completion = readCompletion(context, isToolCall);
	return {
		completion,
		begin: async ({ connection }) => await findRun(connection, runId, completion),
	};
}

function runIdOf(value: unknown): string {
	const runId = ['string', 'number'].includes(typeof value) ? String(value).trim() : '';
	if (runId !== '') return runId;
	throw inputError(
		'Run ID is empty',
		'Use the ID that Trigger Run gave, for example {{ $json.id }}.',
	);
}
