import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { getRun } from '../hooks/getRun';
import { triggerRun } from '../hooks/triggerRun';

type OperationName = 'triggerRun' | 'getRun';

/** What the user can do, and the hook that does it. */
const OPERATIONS: Record<OperationName, Omit<INodePropertyOptions, 'value'>> = {
	triggerRun: {
		name: 'Trigger Run',
		action: 'Trigger a run',
		description:
			'Start a Dibby workflow with files and fields of the item, and get its result if you wait',
		routing: {
			request: { method: 'POST', url: '/runs' },
			send: { paginate: true },
			operations: { pagination: triggerRun },
		},
	},
	getRun: {
		name: 'Get Run',
		action: 'Get a run',
		description: 'Fetch a run that was started before, and its result if it is finished',
		routing: {
			request: { method: 'GET', url: '/runs' },
			send: { paginate: true },
			operations: { pagination: getRun },
		},
	},
};

export const operationProperty: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'triggerRun',
	options: Object.entries(OPERATIONS).map(([value, option]) => ({ ...option, value })),
};

/** The operations that give a run, which can be waited for and shaped. */
export const FOR_RUNS: OperationName[] = ['triggerRun', 'getRun'];

/** Shows a parameter for these operations, and under these conditions, only. */
export function shownFor(
	operation: OperationName[],
	conditions: NonNullable<IDisplayOptions['show']> = {},
): IDisplayOptions {
	return { show: { operation, ...conditions } };
}
