import type { INodeProperties } from 'n8n-workflow';

/**
 * Which Dibby workflow to run: by the address of its page, or by its ID.
 *
 * Without n8n's `validation`: n8n runs its regular expressions when a workflow starts too, within 250 ms of wall
 * clock (`safeRegex` in n8n-workflow), and on a busy machine the workflow then fails. The node checks the value itself.
 */
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
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
			hint: "The second ID in the address of the workflow's page",
		},
	],
};
