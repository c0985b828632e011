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

/** Under this name, and with 2, 3 … behind it when there are many runs, n8n shows the IDs with the execution. */
const SHOWN_KEY = 'dibbyRunId';

/** n8n takes ten values of 512 characters for an execution; other nodes want some too. */
const SHOWN_KEYS = 5;
const LONGEST_SHOWN = 512;

/** More IDs than this don't fit, so looking at them all again for each new one would be in vain. */
const MOST_SHOWN = 150;

/**
 * The node's memory within an execution. It survives Retry On Fail, and n8n stores it with the execution's data,
 * so that a run can be found there whatever happened.
 */
function memoryOf(context: ItemContext): Memory {
	const nodeContext = context.getContext('node') as { [MEMORY]?: Memory };
	nodeContext[MEMORY] ??= {};
	return nodeContext[MEMORY];
}

/** Keyed like the state of a node run; asking n8n for the number is an expression, and costs as much as a request. */
const runIndexes = new WeakMap<object, string>();

/** A node in a loop runs several times in an execution; each is another thing to remember. */
function placeOf(context: ItemContext): string {
	const key = context.getExecuteData();
	const itemIndex = context.getItemIndex();
	const runIndex =
		runIndexes.get(key) ?? String(context.evaluateExpression('{{ $runIndex }}', itemIndex));
	runIndexes.set(key, runIndex);
	return `${runIndex}/${itemIndex}`;
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
	if (runId !== undefined) show(context);
}

/**
 * Lets n8n show the IDs with the execution. They stay there when the execution is cancelled, while n8n forgets
 * everything else that the node did.
 */
function show(context: ItemContext): void {
	const memory = memoryOf(context);
	if (Object.keys(memory).length > MOST_SHOWN) return;
	const values = [''];
	for (const { runId } of Object.values(memory)) {
		const last = values[values.length - 1] ?? '';
		if (runId === undefined) continue;
		if (last === '') values[values.length - 1] = runId;
		else if (last.length + runId.length + 2 <= LONGEST_SHOWN)
			values[values.length - 1] = `${last}, ${runId}`;
		else if (values.length < SHOWN_KEYS) values.push(runId);
		else break;
	}
	values.forEach((value, index) => {
		context.customData?.set(
			index === 0 ? SHOWN_KEY : `${SHOWN_KEY}${index + 1}`,
			value.slice(0, LONGEST_SHOWN),
		);
	});
}

/** Forgets a try that surely started nothing, or whose run failed. */
export function forget(context: ItemContext): void {
	delete memoryOf(context)[placeOf(context)];
}
