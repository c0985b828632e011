import type { INodeParameterResourceLocator } from 'n8n-workflow';

import type { ItemContext } from '../types';
import { inputError } from '../errors';

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

/** The whole of a workflow's ID. */
export const WORKFLOW_ID = `^\\s*${UUID}\\s*$`;

/** The page of a workflow; its ID is the second UUID there, the first is the application's. */
export const WORKFLOW_PAGE = `^\\s*https://[^/\\s]+/application/${UUID}/workflow/(${UUID})(?:[/?#]\\S*)?\\s*$`;

const APPLICATION_PAGE = new RegExp(`/application/${UUID}/?$`);

/**
 * Reads the Workflow parameter and checks it before anything is sent.
 *
 * @returns the workflow's UUID, in lower case
 * @throws DibbyError that says what to paste instead
 */
export function readWorkflowId(context: ItemContext): string {
	const { mode, value } = context.getNodeParameter('workflow') as INodeParameterResourceLocator;
	const text = typeof value === 'string' ? value.trim() : '';
	const page = new RegExp(WORKFLOW_PAGE).exec(text)?.[1];
	const id = page ?? (mode === 'id' && new RegExp(WORKFLOW_ID).test(text) ? text : undefined);
	if (id !== undefined) return id.toLowerCase();

	if (text === '') {
		throw inputError(context, {
			message: 'No workflow is chosen',
			description:
				"Open the workflow in Dibby, copy the page's address, and paste it into Workflow.",
		});
	}
	if (APPLICATION_PAGE.test(text)) {
		throw inputError(context, {
			message: 'The address in Workflow is that of an application, not of a workflow',
			description:
				'Open the workflow itself in Dibby. Its address goes on with /workflow/ and a second ID.',
		});
	}
	throw inputError(context, {
		message:
			mode === 'id'
				? 'The ID in Workflow is not the ID of a Dibby workflow'
				: "The address in Workflow is not that of a Dibby workflow's page",
		description:
			mode === 'id'
				? 'A workflow ID looks like 1b4e28ba-2fa1-11d2-883f-0016d3cca427. Or choose From URL and paste the address of the page.'
				: 'It looks like https://dibby.ai/application/…/workflow/…, with an ID after each word. Copy it from the open workflow.',
	});
}
