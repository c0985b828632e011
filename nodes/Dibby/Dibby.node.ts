import { NodeConnectionTypes } from 'n8n-workflow';
import type { INodeType, INodeTypeDescription } from 'n8n-workflow';

import { testDibbyApi } from './api/testCredential';
import { customOperations, parameters } from './operations/index';

/** The node's description, and the operations that n8n's engine calls. */
export class Dibby implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Dibby',
		name: 'dibby',
		icon: { light: 'file:dibby.svg', dark: 'file:dibby.dark.svg' },
		group: ['transform'],
		version: 1,
		// "triggerRun" becomes "Trigger Run", and so on.
		subtitle:
			'={{ $parameter["operation"].charAt(0).toUpperCase() + $parameter["operation"].slice(1).replace(/([A-Z])/g, " $1") }}',
		description:
			'Extract data from invoices and other documents, classify them, or have them validated',
		defaults: { name: 'Dibby' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'dibbyApi', required: true, testedBy: 'testDibbyApi' }],
		// Shown below n8n's own "Waiting for input" while an execution sleeps.
		waitingNodeTooltip:
			"The run continues in Dibby, and n8n checks on it from time to time. You can close the editor and find the result later in the list of executions. Don't execute 'Trigger Run' again, because that starts another run.",
		requestDefaults: {
			// The base URL of the credential replaces it.
			baseURL: 'https://dibby.ai/api',
		},
		properties: parameters,
	};

	customOperations = customOperations;

	methods = { credentialTest: { testDibbyApi } };
}
