import { updateDisplayOptions } from 'n8n-workflow';
import type { DeclarativeRestApiSettings, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { joinBatch } from '../items/joinBatch';
import type { ItemContext, RequestTemplate } from '../types';
import { completionParameters } from './completion';
import type { OperationDefinition } from './definition';
import { getRun } from './getRun';
import { asChoice } from './parameters';
import { triggerRun } from './triggerRun';

/** What the user can do. Each of these gives a run, which can be waited for and shaped. */
const OPERATIONS: OperationDefinition[] = [triggerRun, getRun];

const operationParameter: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'triggerRun',
	options: OPERATIONS.map(({ value, name, action, description }) => ({
		name,
		value,
		action,
		description,
	})),
	// Not of the options: for an operation that is none of them, n8n would make a request of its own.
	routing: {
		request: { url: '/runs' },
		send: { paginate: true },
		operations: { pagination: perform },
	},
};

async function perform(
	this: ItemContext,
	requestData: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	const given = this.getNodeParameter('operation');
	const operation = OPERATIONS.find(({ value }) => value === given);
	if (operation !== undefined) return await operation.hook.call(this, requestData);
	const names = OPERATIONS.map(({ value }) => value);
	const refuse = async () => await Promise.resolve(asChoice('Operation', given, names) as never);
	return await joinBatch(this, requestData.options as RequestTemplate, refuse);
}

/** The node's whole panel. */
export const parameters: INodeProperties[] = [
	operationParameter,
	...OPERATIONS.flatMap(({ value, parameters: own }) =>
		updateDisplayOptions({ show: { operation: [value] } }, own),
	),
	...completionParameters,
];
