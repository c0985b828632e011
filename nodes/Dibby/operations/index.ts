import { updateDisplayOptions } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	IExecutePaginationFunctions,
	INodeProperties,
	INodeType,
} from 'n8n-workflow';

import { executeItems } from '../execution/executeItems';
import { itemContextOf } from '../execution/task';
import type { Prepare } from '../execution/task';
import { sleepStep } from '../sleep/sleepStep';
import type { ItemContext } from '../types';
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
		OPERATIONS.map(({ value, prepare }) => [
			value,
			async function (this: IExecuteFunctions) {
				const contexts = this.getInputData().map((_item, index) => itemContextOf(this, index));
				const [first] = contexts;
				// Set in the helper workflow of a sleeping execution.
				const step = first?.getNodeParameter('sleepStep', '');
				if (first !== undefined && step !== '') return [await sleepStep(first, step)];
				return [await executeItems(prepare, contexts, this)];
			},
		]),
	),
};

/** What AI Agents up to version 2 call, with one item. */
function hookOf(prepare: Prepare) {
	return async function (this: IExecutePaginationFunctions) {
		return await executeItems(prepare, [this], undefined);
	};
}

/** For an unknown operation, n8n would send a request of its own. */
function rejectUnknown(context: ItemContext): never {
	const operations = OPERATIONS.map(({ value }) => value);
	return readChoice('Operation', context.getNodeParameter('operation'), operations) as never;
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
		// Always true, but n8n names a new node after its action only if this is here.
		displayOptions: { show: { resource: [RESOURCE] } },
		// Replaced by the operation's own.
		routing: { send: { paginate: true }, operations: { pagination: hookOf(rejectUnknown) } },
		options: OPERATIONS.map(({ value, name, action, description, request, prepare }) => ({
			name,
			value,
			action,
			description,
			routing: { request, operations: { pagination: hookOf(prepare) } },
		})),
	},
	...OPERATIONS.flatMap(({ value, parameters: own }) =>
		updateDisplayOptions({ show: { operation: [value] } }, own),
	),
	...completionParameters,
];
