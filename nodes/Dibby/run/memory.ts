import type { ItemContext } from '../types';

/** What an earlier try of the same node left behind for an item. */
export interface Remembered {
	/** The run that was started; absent when the outcome is unknown. */
	runId?: string;
	/** Whether what is asked for now is what was asked for then. */
	fingerprint: string;
	/** The n8n execution in which that was. */
	executionId: string;
}

type Memory = Record<string, Remembered>;

const MEMORY = 'dibbyRuns';

/** How many entries n8n's execution metadata takes is limited, so one key holds what people filter by. */
const FILTERABLE_KEY = 'dibbyRunId';

/**
 * The node's memory within an execution. It survives Retry On Fail, and n8n stores it with the execution's data,
 * so that a run can be found there whatever happened.
 */
function memoryOf(context: ItemContext): Memory {
	const nodeContext = context.getContext('node') as { [MEMORY]?: Memory };
	nodeContext[MEMORY] ??= {};
	return nodeContext[MEMORY];
}

/** A node in a loop runs several times in an execution; each is another thing to remember. */
function placeOf(context: ItemContext): string {
	const runIndex = context.evaluateExpression('{{ $runIndex }}', context.getItemIndex());
	return `${String(runIndex)}/${context.getItemIndex()}`;
}

/** What an earlier try did for this item with the same inputs, if anything. */
export function recall(context: ItemContext, fingerprint: string): Remembered | undefined {
	const remembered = memoryOf(context)[placeOf(context)];
	return remembered?.fingerprint === fingerprint ? remembered : undefined;
}

/**
 * Notes that a run was started, or may have been, before anything else can go wrong.
 *
 * @param runId absent while nobody knows
 */
export function remember(context: ItemContext, fingerprint: string, runId?: string): void {
	memoryOf(context)[placeOf(context)] = {
		runId,
		fingerprint,
		executionId: context.getExecutionId(),
	};
	if (runId !== undefined) context.customData?.set(FILTERABLE_KEY, runId);
}

/** Forgets a try that surely started nothing, or whose run failed. */
export function forget(context: ItemContext): void {
	delete memoryOf(context)[placeOf(context)];
}
