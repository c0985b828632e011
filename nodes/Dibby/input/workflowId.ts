import { inputError } from '../errors';

const UUID = '[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}';

/** A workflow's ID: on its own, or after /workflow/ in a URL. */
const WORKFLOW_ID = new RegExp(`^(${UUID})$|/workflow/(${UUID})(?![\\w-])`, 'i');

/** The URL of a workflow's page, with or without a language, and without everything that may follow. */
const WORKFLOW_PAGE = new RegExp(
	`^(?:https://)?([\\w.-]+(?::\\d+)?(?:/[\\w-]{2,10})?/application/${UUID}/workflow/${UUID})(?![\\w-])`,
	'i',
);

const APPLICATION_PAGE = new RegExp(`/application/${UUID}`, 'i');

/** The URL of the workflow's page, if 'Workflow' contains it. It is safe to show as a link. */
export function workflowPageOf(value: unknown): string | undefined {
	const page = typeof value === 'string' ? WORKFLOW_PAGE.exec(value.trim())?.[1] : undefined;
	return page && `https://${page}`;
}

/**
 * Reads the workflow's ID from 'Workflow', which may contain a URL or an ID in either mode.
 *
 * @returns the UUID in lower case
 * @throws DibbyError
 */
export function workflowIdOf(value: unknown): string {
	const text = typeof value === 'string' ? value.trim() : '';
	const [, bare, fromUrl] = WORKFLOW_ID.exec(text) ?? [];
	const id = bare ?? fromUrl;
	if (id !== undefined) return id.toLowerCase();
	if (text === '') {
		throw inputError(
			"'Workflow' is empty",
			"Open the workflow in Dibby, copy its URL, and paste it into 'Workflow'.",
		);
	}
	if (APPLICATION_PAGE.test(text)) {
		throw inputError(
			"'Workflow' contains the URL of an application, not of a workflow",
			'Open the workflow itself in Dibby. Its URL continues with /workflow/ and a second ID.',
		);
	}
	throw inputError(
		"'Workflow' doesn't contain the URL or ID of a Dibby workflow",
		'The URL looks like https://dibby.ai/application/…/workflow/…, with an ID in both places. Open the workflow in Dibby and copy its URL.',
	);
}
