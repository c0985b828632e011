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
		// "triggerRun" becomes "trigger run", and any other operation likewise.
		subtitle: '={{ $parameter["operation"].replace(/([A-Z])/g, " $1").toLowerCase() }}',
		description:
			'Extract data from invoices and other documents, classify them, or have them validated',
		defaults: { name: 'Dibby' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'dibbyApi', required: true, testedBy: 'testDibbyApi' }],
		requestDefaults: {
			// No expression, since n8n would evaluate it twice for each item; the node puts the credential's own in.
			baseURL: 'https://dibby.ai/api',
		},
		properties: parameters,
	};

	methods = { credentialTest: { testDibbyApi } };
}
