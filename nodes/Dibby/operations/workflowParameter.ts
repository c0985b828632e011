import type { INodeProperties } from 'n8n-workflow';

import { WORKFLOW_ID, WORKFLOW_PAGE } from '../input/workflowId';

/** Which Dibby workflow to run: by the address of its page, or by its ID. */
export const workflowParameter: INodeProperties = {
	displayName: 'Workflow',
	name: 'workflow',
	type: 'resourceLocator',
	default: { mode: 'url', value: '' },
	required: true,
	description: 'The Dibby workflow to run',
	modes: [
		{
			displayName: 'From URL',
			name: 'url',
			type: 'string',
			placeholder: 'e.g. https://dibby.ai/application/…/workflow/…',
			hint: 'Open the workflow in Dibby and copy the address of the page',
			validation: [
				{
					type: 'regex',
					properties: {
						regex: WORKFLOW_PAGE,
						errorMessage:
							"Paste the address of the workflow's page, with /application/ and /workflow/ in it",
					},
				},
			],
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
			hint: "The second ID in the address of the workflow's page",
			validation: [
				{
					type: 'regex',
					properties: {
						regex: WORKFLOW_ID,
						errorMessage: 'A workflow ID looks like 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
					},
				},
			],
		},
	],
};
