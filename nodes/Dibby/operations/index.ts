import { updateDisplayOptions } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	IExecutePaginationFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
} from 'n8n-workflow';

import { executeItems } from '../execution/executeItems';
import { itemContextOf } from '../execution/task';
import { completionParameters } from './completion';
import { getRun } from './getRun';
import type { Operation } from './operation';
import { readChoice } from './readParameters';
import { triggerRun } from './triggerRun';

const OPERATIONS: Operation[] = [triggerRun, getRun];

/** n8n looks up custom operations by resource and operation. There is one resource, so nobody has to choose it. */
const RESOURCE = 'run';

/** What n8n's engine calls for a node execution, with all items. */
export const customOperations: NonNullable<INodeType['customOperations']> = {
	[RESOURCE]: Object.fromEntries(
		OPERATIONS.map(({ value, execute }) => [
			value,
			async function (this: IExecuteFunctions) {
				const contexts = this.getInputData().map((_item, index) => itemContextOf(this, index));
				return [await execute(contexts, this)];
			},
		]),
	),
};

async function rejectUnknown(this: IExecutePaginationFunctions): Promise<INodeExecutionData[]> {
	const known = OPERATIONS.map(({ value }) => value);
	const reject = () => readChoice('Operation', this.getNodeParameter('operation'), known) as never;
	return await executeItems(reject, [this], undefined);
}

/** All parameters of the node. */
export const parameters: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'hidden',
		noDataExpression: true,
		default: RESOURCE,
		// Without options, n8n's nodes panel doesn't show the node's actions.
		options: [{ name: 'Run', value: RESOURCE }],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'triggerRun',
		// Replaced by the operation's own. For an unknown value, n8n would send a request of its own.
		routing: { send: { paginate: true }, operations: { pagination: rejectUnknown } },
		options: OPERATIONS.map(({ value, name, action, description, request, execute }) => ({
			name,
			value,
			action,
			description,
			routing: {
				request,
				operations: {
					// Called by AI Agents up to version 2 only.
					async pagination(this: IExecutePaginationFunctions) {
						return await execute([this], undefined);
					},
				},
			},
		})),
	},
	...OPERATIONS.flatMap(({ value, parameters: own }) =>
		updateDisplayOptions({ show: { operation: [value] } }, own),
	),
	...completionParameters,
];
