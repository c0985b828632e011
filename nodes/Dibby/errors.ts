import { NodeApiError } from 'n8n-workflow';
import type { INode } from 'n8n-workflow';

/** What an error tells the user and the workflow. */
export interface ErrorDetails {
	/** What happened, without text from the server: n8n replaces a message that contains an error code. */
	message: string;
	/** What to do next. May quote the server. */
	description: string;
	httpStatus?: number;
	/** The run that was started or fetched before the error. */
	runId?: string;
	/** The URL in the description that n8n shows as a link. */
	page?: string;
	/** True if Dibby may have started a run without reporting it. */
	outcomeUnknown?: boolean;
	/** True if another attempt to get the run would fail in the same way. */
	isFinal?: boolean;
}

/** An error for one item, independent of n8n. */
export class DibbyError extends Error {
	constructor(readonly details: ErrorDetails) {
		super(details.message);
	}
}

const NOTHING_SENT = ' Nothing was sent to Dibby.';

/** An error in the user's input, found before anything was sent. */
export function inputError(message: string, description: string): DibbyError {
	return new DibbyError({ message, description: description + NOTHING_SENT });
}

/** The same error for an item that an earlier attempt has sent. */
export function withoutDenial(error: ErrorDetails): ErrorDetails {
	return { ...error, description: error.description.replace(NOTHING_SENT, '') };
}

/** Shortens a user's value, which may be a whole document, to 40 characters. */
export function shorten(text: string): string {
	const shown = [...text.slice(0, 81)].slice(0, 40).join('');
	return shown.length < text.length ? `${shown}…` : shown;
}

/** What is known about the run of one of the node's items. */
export interface ItemOutcome {
	item: number;
	/** The binary field whose file the run is for, if each file gets its own run. */
	field?: string;
	runId?: string;
	outcomeUnknown?: boolean;
}

/** More names than this make a description too long to read. */
const MAX_NAMED_ITEMS = 20;

/**
 * The error that stops the node. A NodeApiError in every case, because n8n passes only these on unchanged.
 */
export class DibbyNodeError extends NodeApiError {
	readonly runId?: string;

	readonly outcomeUnknown: boolean;

	/**
	 * @param place the item that failed
	 * @param outcomes all items that started a run or may have: n8n drops their results when the node stops
	 */
	constructor(
		node: INode,
		place: Pick<ItemOutcome, 'item' | 'field'>,
		details: ErrorDetails,
		outcomes: readonly ItemOutcome[],
	) {
		const { message, httpStatus, page } = details;
		const inOrder = [...outcomes].sort((a, b) => a.item - b.item);
		const { description: text } = withOutcomes(details, place, inOrder);
		const description = page === undefined ? text : text.replace(page, linkTo(page));
		const httpCode = httpStatus?.toString();
		super(node, { message }, { message, description, itemIndex: place.item, httpCode });
		// Set again, because NodeApiError replaces a message that contains an error code, even inside a word.
		this.message = message;
		// n8n passes the description of a sleeping node's error on only under this name.
		this.name = 'NodeApiError';
		this.description = description;
		this.messages = [];
		this.runId = details.runId;
		this.outcomeUnknown = details.outcomeUnknown ?? false;
		if (inOrder.length > 0) this.context.startedRuns = inOrder;
	}
}

/** n8n shows links in a description, and removes all other HTML. */
function linkTo(page: string): string {
	return `<a href="${page}" target="_blank">${page}</a>`;
}

/** The error with the runs and unknown outcomes that its description doesn't name. */
export function withOutcomes(
	error: ErrorDetails,
	place: Pick<ItemOutcome, 'item' | 'field'>,
	outcomes: readonly ItemOutcome[],
): ErrorDetails {
	const { runId: ownId, description, outcomeUnknown: isOwnUnknown } = error;
	const started = outcomes.filter(({ runId }) => runId !== undefined);
	const isOwn = ({ item, field }: ItemOutcome) => item === place.item && field === place.field;
	const unknown = outcomes.filter(
		(outcome) => outcome.outcomeUnknown && !(isOwnUnknown && isOwn(outcome)),
	);
	const isNamed = ({ runId = '' }: ItemOutcome) => runId === ownId && description.includes(runId);
	const sentences = [description];
	if (!started.every(isNamed)) {
		sentences.push(`Runs started by this node: ${listRuns(started)}. Use 'Get Run' to get them.`);
	}
	if (unknown.length > 0) {
		const list = listNames(unknown.map(nameOf));
		sentences.push(`A run may also have been started for ${list}.`);
	}
	const outcomeUnknown = isOwnUnknown || unknown.length > 0;
	return { ...error, outcomeUnknown, description: sentences.join(' ') };
}

/** Lists the runs that exist, by item: "item 0: run_1, item 2: run_3, and 4 more". */
export function listRuns(outcomes: readonly ItemOutcome[], limit?: number): string {
	const started = outcomes.filter(({ runId }) => runId);
	return listNames(
		started.map((outcome) => `${nameOf(outcome)}: ${outcome.runId}`),
		limit,
	);
}

function nameOf({ item, field }: ItemOutcome): string {
	return field === undefined ? `item ${item}` : `item ${item} (${field})`;
}

/** Lists the first names, and how many more there are. */
export function listNames(names: string[], limit = MAX_NAMED_ITEMS): string {
	const more = names.length - limit;
	return names.slice(0, limit).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
