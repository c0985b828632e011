import { createHash, randomUUID } from 'crypto';

import type { StartLog } from '../api/createRun';
import { partsOf } from '../api/requestBody';
import type { ErrorDetails } from '../errors';
import type { ItemContext, RunRequest } from '../types';
import type { EngineLoop } from './engineLoop';

/** What is known of a start. */
interface Outcome {
	/** The run that was started; absent when the outcome is unknown. */
	runId?: string;
	/** The error with which the start ended whose outcome is unknown. */
	error?: ErrorDetails;
}

/** The note of one item's start. */
export interface ItemStartLog extends StartLog {
	/** An earlier start for the same item: in this execution, or, with the same inputs, in one that is retried now. */
	earlier?: Outcome & { isSameExecution: boolean };
	/** The item's run, from the moment it is known. */
	runId?: string;
	/** Says that the work on the item is over, and whether its result was handed on. */
	end: (isHandedOn: boolean) => void;
}

/** As it is kept. */
interface Entry extends Outcome {
	fingerprint: string;
	executionId: string;
	/** Of a tool's call: its result never reached the agent, so that the next call with the same inputs takes it over. */
	isOpen?: boolean;
}

const MEMORY = 'dibbyRuns';

/** Under the first name, and the others when there are many runs, n8n shows the IDs with the execution. It takes ten. */
const SHOWN_KEYS = Array.from({ length: 10 }, (_value, n) => `dibbyRunId${n === 0 ? '' : n + 1}`);

/** As long as n8n takes a value without a complaint in its log. */
const LONGEST_SHOWN = 255;

/**
 * Opens the note of an item's start. It survives Retry On Fail, and n8n stores it with the execution's data, so that
 * a run can be found there whatever happened.
 *
 * An item is known by its number and by the number of the node's execution, since a node in a loop is executed
 * several times. The calls of an agent's tool have no such place: each is a start of its own, and finds an earlier
 * one only when that one's result never reached the agent.
 *
 * @param execution the node's name, and how often it was executed before, which is undefined for a tool's call
 */
export function startLogOf(
	context: ItemContext,
	request: RunRequest,
	{ nodeName, runIndex }: Pick<EngineLoop<never>, 'nodeName' | 'runIndex'>,
): ItemStartLog {
	const memory = memoryOf(context);
	const fingerprint = fingerprintOf(request);
	const executionId = context.getExecutionId();
	const isToolCall = runIndex === undefined;
	const place = isToolCall ? `tool/${randomUUID()}` : `${runIndex}/${context.getItemIndex()}`;

	const open = isToolCall ? findOpen(memory, fingerprint, executionId) : undefined;
	const earlierPlace = open ?? place;
	const earlier = memory[earlierPlace];
	if (isToolCall && earlier !== undefined) {
		delete memory[earlierPlace];
		memory[place] = { ...earlier, executionId, isOpen: false };
	}
	const note = (outcome: Outcome) => {
		memory[place] = { fingerprint, executionId, ...outcome };
	};
	const log: ItemStartLog = {
		sending: () => note({}),
		notStarted: () => {
			delete memory[place];
		},
		started: (runId) => {
			log.runId = runId;
			note({ runId });
			show(context, runId);
			context.logger.info('Dibby: a run was started', {
				runId,
				executionId,
				nodeName,
				itemIndex: context.getItemIndex(),
			});
		},
		unknown: (error) => note({ error }),
		end: (isHandedOn) => {
			const entry = memory[place];
			if (!isToolCall || entry === undefined) return;
			if (isHandedOn) delete memory[place];
			else entry.isOpen = true;
		},
	};
	const isSameExecution = earlier?.executionId === executionId;
	// Within an execution, the place alone tells: inputs with a time in them differ from try to try.
	if (earlier !== undefined && (isSameExecution || earlier.fingerprint === fingerprint)) {
		log.earlier = { ...earlier, isSameExecution };
		log.runId = earlier.runId;
	}
	return log;
}

function memoryOf(context: ItemContext): Record<string, Entry> {
	const nodeContext = context.getContext('node') as { [MEMORY]?: Record<string, Entry> };
	nodeContext[MEMORY] ??= {};
	return nodeContext[MEMORY];
}

/** An entry of an execution that was broken off was never closed: nobody works on it any more. */
function findOpen(
	memory: Record<string, Entry>,
	fingerprint: string,
	executionId: string,
): string | undefined {
	const isFree = (entry: Entry) => entry.isOpen === true || entry.executionId !== executionId;
	return Object.keys(memory).find((place) => {
		const entry = memory[place];
		return entry?.fingerprint === fingerprint && isFree(entry);
	});
}

/**
 * A short name for a request, the same for the same inputs, so that Retry of an execution recognises the runs that it
 * started. Stored documents count by their place in n8n's storage.
 */
function fingerprintOf(request: RunRequest): string {
	const hash = createHash('sha256');
	for (const part of partsOf(request, 'workflowId')) {
		hash.update(typeof part === 'string' ? part : part.storageId);
	}
	return hash.digest('hex').slice(0, 32);
}

/**
 * Lets n8n show the IDs with the execution, those of all Dibby nodes and tries in one list. They stay there when the
 * execution is cancelled, while n8n forgets everything else that its nodes did.
 */
function show({ customData }: ItemContext, runId: string): void {
	if (customData === undefined) return;
	const shown = customData.getAll();
	const withId = (ids: string | undefined) => (ids ? `${ids}, ${runId}` : runId);
	const key = SHOWN_KEYS.find((name) => withId(shown[name]).length <= LONGEST_SHOWN);
	if (key !== undefined) customData.set(key, withId(shown[key]));
}
