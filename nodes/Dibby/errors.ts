import { NodeApiError } from 'n8n-workflow';
import type { INode } from 'n8n-workflow';

/** What an error tells the user, and what a workflow can do something with. */
export interface ErrorDetails {
	/** What went wrong, in one sentence without server-given text: n8n replaces a message that contains an error code. */
	message: string;
	/** What to do next; may quote the server. */
	description: string;
	httpStatus?: number;
	/** The run that was started or fetched before things went wrong. */
	runId?: string;
	/** The address in the description that n8n shows as a link. */
	page?: string;
	/** True when Dibby may have started a run without saying so. */
	outcomeUnknown?: boolean;
}

/** An error of one item, thrown by whoever works on it. It knows nothing of n8n; `items/` turns it into n8n's own. */
export class DibbyError extends Error {
	constructor(readonly details: ErrorDetails) {
		super(details.message);
	}
}

/** An error in what the user entered: nothing was sent. */
export function inputError(message: string, description: string): DibbyError {
	return new DibbyError({ message, description: `${description} Nothing was sent to Dibby.` });
}

/** More characters of a value than this in a message help nobody. */
const LONGEST_QUOTE = 40;

/** A value that the user entered, as messages quote it: it may be a whole document by mistake. */
export function shorten(text: string): string {
	const characters = [...text.slice(0, 2 * LONGEST_QUOTE + 1)];
	const shown = characters.slice(0, LONGEST_QUOTE).join('');
	return shown.length < text.length ? `${shown}…` : shown;
}

/**
 * The error that n8n gets when the node stops.
 *
 * A NodeApiError for every case: the engine passes only these on as they are, and wraps everything else anew.
 */
export class DibbyNodeError extends NodeApiError {
	readonly runId?: string;

	readonly outcomeUnknown: boolean;

	/**
	 * @param startedRuns the runs of all items, by item: the engine forgets their results when the node stops
	 */
	constructor(
		node: INode,
		itemIndex: number,
		details: ErrorDetails,
		startedRuns: ReadonlyMap<number, string>,
	) {
		const { message, httpStatus, page } = details;
		const text = `${details.description}${listOf(startedRuns, details)}`;
		const description = page === undefined ? text : text.replace(page, linkTo(page));
		const httpCode = httpStatus?.toString();
		super(node, { message }, { message, description, itemIndex, httpCode });
		// Once more: n8n puts its own words in the place of a message that holds an error code, even inside a name.
		this.message = message;
		// n8n hands the description of a sleeping node's error on by this name only.
		this.name = 'NodeApiError';
		this.description = description;
		this.messages = [];
		this.runId = details.runId;
		this.outcomeUnknown = details.outcomeUnknown ?? false;
		if (startedRuns.size > 0) this.context.startedRuns = inOrder(startedRuns);
	}
}

/** n8n shows such a link in an error's description, and takes everything else out that could do harm. */
function linkTo(page: string): string {
	return `<a href="${page}" target="_blank">${page}</a>`;
}

function inOrder(startedRuns: ReadonlyMap<number, string>) {
	return [...startedRuns].sort(([a], [b]) => a - b).map(([item, runId]) => ({ item, runId }));
}

/** Names the started runs, unless there is none but the error's own, and the text names that already. */
function listOf(startedRuns: ReadonlyMap<number, string>, { runId, description }: ErrorDetails) {
	const isNamed = (id: string) => id === runId && description.includes(id);
	if ([...startedRuns.values()].every(isNamed)) return '';
	const list = inOrder(startedRuns).map(({ item, runId }) => `item ${item}: ${runId}`);
	return ` Runs of this node so far: ${list.join(', ')}. Get Run fetches them.`;
}
