import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { completionParameters } from './completion';
import type { OperationDefinition } from './definition';
import { getRun } from './getRun';
import { triggerRun } from './triggerRun';

/** What the user can do. Each of these gives a run, which can be waited for and shaped. */
const OPERATIONS: OperationDefinition[] = [triggerRun, getRun];

const operationParameter: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'triggerRun',
	options: OPERATIONS.map(({ value, name, action, description, hook }) => ({
		name,
		value,
		action,
		description,
		routing: {
			send: { paginate: true },
			operations: { pagination: hook },
		},
	})),
};

/** The node's whole panel. */
export const parameters: INodeProperties[] = [
	operationParameter,
	...OPERATIONS.flatMap(({ value, parameters: own }) =>
		updateDisplayOptions({ show: { operation: [value] } }, own),
	),
	...completionParameters,
];
