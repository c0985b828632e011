import { NodeApiError } from 'n8n-workflow';
import type { INode } from 'n8n-workflow';

import type { ItemContext } from './types';

/** What a Dibby error tells the user, and what a workflow can do something with. */
export interface Problem {
	/** What went wrong, in one sentence without server-given text. */
	message: string;
	/** What to do next; may quote the server. */
	description: string;
	httpStatus?: number;
	/** The run that was started before things went wrong. */
	runId?: string;
	/** True when Dibby may have started a run without saying so. */
	outcomeUnknown?: boolean;
}

/**
 * The one error that the node gives.
 *
 * A NodeApiError for every case: the engine passes only these on as they are, and wraps everything else anew.
 * n8n replaces a message that contains an error code such as EPERM, even inside a name or an ID,
 * so the message is set once more after construction.
 */
export class DibbyError extends NodeApiError {
	readonly runId?: string;

	readonly outcomeUnknown: boolean;

	constructor(node: INode, itemIndex: number, problem: Problem) {
		const { message, description, httpStatus } = problem;
		super(
			node,
			{ message },
			{
				message,
				description,
				itemIndex,
				...(httpStatus === undefined ? {} : { httpCode: String(httpStatus) }),
			},
		);
		this.message = message;
		this.description = description;
		this.messages = [];
		this.runId = problem.runId;
		this.outcomeUnknown = problem.outcomeUnknown ?? false;
	}

	/** Names the runs of all items, which the engine forgets when the node stops with this error. */
	addStartedRuns(runIds: ReadonlyMap<number, string>): void {
		const named = this.description ?? '';
		if ([...runIds.values()].every((runId) => named.includes(runId))) return;
		const started = [...runIds].sort(([a], [b]) => a - b).map(([item, runId]) => ({ item, runId }));
		const list = started.map(({ item, runId }) => `item ${item}: ${runId}`).join(', ');
		this.description = `${named} Runs of this node so far: ${list}. Get Run fetches them.`;
		this.context.startedRuns = started;
	}
}

/** An error of one item, to be thrown by whoever works on the item. */
export function itemError(context: ItemContext, problem: Problem): DibbyError {
	return new DibbyError(context.getNode(), context.getItemIndex(), problem);
}

/** An error in what the user entered: nothing was sent. */
export function inputError(
	context: ItemContext,
	problem: Pick<Problem, 'message' | 'description'>,
): DibbyError {
	return itemError(context, {
		...problem,
		description: `${problem.description} Nothing was sent to Dibby.`,
	});
}
