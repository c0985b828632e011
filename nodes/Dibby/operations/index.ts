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
	// Replaced by that of the operation. For a value that is none, n8n would make a request of its own.
	routing: {
		send: { paginate: true },
		operations: { pagination: refuseUnknown },
	},
	options: OPERATIONS.map(({ value, name, action, description, hook }) => ({
		name,
		value,
		action,
		description,
		routing: { operations: { pagination: hook } },
	})),
};

async function refuseUnknown(
	this: ItemContext,
	requestData: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	const known = OPERATIONS.map(({ value }) => value);
	const refuse = async () =>
		await Promise.resolve(asChoice('Operation', this.getNodeParameter('operation'), known) as never);
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
