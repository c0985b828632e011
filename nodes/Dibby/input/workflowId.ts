import { inputError } from '../errors';

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

const WORKFLOW_ID = new RegExp(`^${UUID}$`);

/** The page of a workflow; its ID is the second UUID there, the first is the application's. */
const WORKFLOW_PAGE = new RegExp(
	`^https://[^/\\s]+/application/${UUID}/workflow/(${UUID})(?:[/?#]\\S*)?$`,
);

/** Where such a page is, without what is in the address beside it. */
const PAGE_ONLY = new RegExp(`^https://[\\w.:-]+/application/${UUID}/workflow/${UUID}`);

const APPLICATION_PAGE = new RegExp(`/application/${UUID}/?$`);

/** The workflow's page, when its address was given. */
export function workflowPageOf(value: unknown): string | undefined {
	return typeof value === 'string' ? PAGE_ONLY.exec(value.trim())?.[0] : undefined;
}

/**
 * Checks the Workflow parameter before anything is sent.
 *
 * @param mode how the user entered it: as the page's address (`url`) or as the ID
 * @returns the workflow's UUID, in lower case
 * @throws DibbyError that says what to paste instead
 */
export function workflowIdOf(mode: string, value: unknown): string {
	const text = typeof value === 'string' ? value.trim() : '';
	const page = WORKFLOW_PAGE.exec(text)?.[1];
	const id = page ?? (mode !== 'url' && WORKFLOW_ID.test(text) ? text : undefined);
	if (id !== undefined) return id.toLowerCase();

	if (text === '') {
		throw inputError(
			'No workflow is chosen',
			"Open the workflow in Dibby, copy the page's address, and paste it into Workflow.",
		);
	}
	if (APPLICATION_PAGE.test(text)) {
		throw inputError(
			'The address in Workflow is that of an application, not of a workflow',
			'Open the workflow itself in Dibby. Its address goes on with /workflow/ and a second ID.',
		);
	}
	if (mode !== 'url') {
		throw inputError(
			'The ID in Workflow is not the ID of a Dibby workflow',
			'A workflow ID looks like 1b4e28ba-2fa1-11d2-883f-0016d3cca427. Or choose By URL and paste the address of the page.',
		);
	}
	throw inputError(
		"The address in Workflow is not that of a Dibby workflow's page",
		'It looks like https://dibby.ai/application/…/workflow/…, with an ID after each word. Copy it from the open workflow.',
	);
}
