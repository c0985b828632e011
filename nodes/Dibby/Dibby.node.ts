import { NodeConnectionTypes } from 'n8n-workflow';
import type { INodeType, INodeTypeDescription } from 'n8n-workflow';

import { getRun } from './hooks/getRun';
import { triggerRun } from './hooks/triggerRun';
import { getRunProperties } from './properties/getRun';
import { outputProperties } from './properties/output';
import { triggerRunProperties } from './properties/triggerRun';
import { waitingProperties } from './properties/waiting';

/** What the user sees, and which hook serves which operation. n8n's engine does the rest. */
export class Dibby implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Dibby',
		name: 'dibby',
		icon: { light: 'file:dibby.svg', dark: 'file:dibby.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "getRun" ? "get run" : "trigger run" }}',
		description:
			'Extract data from invoices and other documents, classify them, or have them validated',
		defaults: { name: 'Dibby' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'dibbyApi', required: true }],
		requestDefaults: {
			baseURL: '={{ $credentials.baseUrl.trim() }}',
		},
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'triggerRun',
				options: [
					{
						name: 'Trigger Run',
						value: 'triggerRun',
						action: 'Trigger a run',
						description:
							'Start a Dibby workflow with files and fields of the item, and get its result if you wait',
						routing: {
							request: { method: 'POST', url: '/runs' },
							send: { paginate: true },
							operations: { pagination: triggerRun },
						},
					},
					{
						name: 'Get Run',
						value: 'getRun',
						action: 'Get a run',
						description: 'Fetch a run that was started before, and its result if it is finished',
						routing: {
							request: { method: 'GET', url: '/runs' },
							send: { paginate: true },
							operations: { pagination: getRun },
						},
					},
				],
			},
			...triggerRunProperties,
			...getRunProperties,
			...waitingProperties,
			...outputProperties,
		],
	};
}
