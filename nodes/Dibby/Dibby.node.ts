import { NodeConnectionTypes } from 'n8n-workflow';
import type { INodeType, INodeTypeDescription } from 'n8n-workflow';

import { testDibbyApi } from '../../credentials/testDibbyApi';
import { parameters } from './operations/index';

/** What the user sees, and which hook serves which operation. n8n's engine does the rest. */
export class Dibby implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Dibby',
		name: 'dibby',
		icon: { light: 'file:dibby.svg', dark: 'file:dibby.dark.svg' },
		group: ['transform'],
		version: 1,
		// "triggerRun" becomes "Trigger Run", and any other operation likewise.
		subtitle:
			'={{ $parameter["operation"].charAt(0).toUpperCase() + $parameter["operation"].slice(1).replace(/([A-Z])/g, " $1") }}',
		description:
			'Extract data from invoices and other documents, classify them, or have them validated',
		defaults: { name: 'Dibby' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'dibbyApi', required: true, testedBy: 'testDibbyApi' }],
		hints: [
			{
				message:
					// Of an error too, n8n shows it, and it can't look into the output.
					'A run that was started goes on in Dibby. Executing this node again starts another one. To get the result, use Get Run with its ID, or switch Wait for Completion on before the next run.',
				displayCondition:
					'={{ $parameter["operation"] === "triggerRun" && $parameter["waitForCompletion"] === false }}',
				whenToDisplay: 'afterExecution',
				location: 'outputPane',
			},
		],
		// Below n8n's own "Waiting for input", where an execution sleeps. The types of n8n 1.93 don't know it.
		...{
			waitingNodeTooltip:
				'The run goes on in Dibby, and n8n asks for it from time to time. You can close this: the result will be in the list of executions. Executing Trigger Run again would start another run.',
		},
		requestDefaults: {
			// No expression, since n8n would evaluate it twice for each item; the node puts the credential's own in.
			baseURL: 'https://dibby.ai/api',
		},
		properties: parameters,
	};

	methods = { credentialTest: { testDibbyApi } };
}
