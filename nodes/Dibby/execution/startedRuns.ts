import { createHash, randomUUID } from 'crypto';

import type { SeenRun } from '../api/fetchRun';
import { partsOf } from '../api/requestBody';
import { DibbyError } from '../errors';
import type { ErrorDetails, ItemOutcome } from '../errors';
import type { ItemContext, RunRequest } from '../types';
import type { Caller } from './agents';

/** What n8n stores about one start. */
interface StartEntry {
	fingerprint: string;
	executionId: string;
	/** Absent while the outcome is unknown. */
	runId?: string;
	/** The error of a start with an unknown outcome. */
	error?: ErrorDetails;
	/** For a tool call: whether its result still has to reach the agent. Absent until the call has ended. */
	isOpen?: boolean;
}

type Memory = Record<string, StartEntry>;

/** n8n shows up to ten custom values with an execution, and logs an error about longer ones. */
const SHOWN_KEYS = Array.from({ length: 10 }, (_value, n) => `dibbyRunId${n === 0 ? '' : n + 1}`);
const MAX_SHOWN_LENGTH = 255;

/** What all attempts of a node execution have started. */
export interface NodeStarts {
	/** What the keys of all starts begin with. */
	prefix?: string;
	/** The runs, and the starts whose outcome is unknown. */
	outcomes: Map<string, ItemOutcome>;
}

/** By the object that n8n keeps across the attempts of Retry On Fail. */
const nodeExecutions = new WeakMap<object, NodeStarts>();

/** What this and earlier attempts of the node execution have started. */
export function startsOf(context: ItemContext, caller: Caller): NodeStarts {
	// AI Agents up to version 2 pass in the agent's own object, which all their calls share.
	const key = caller === 'agent' ? {} : context.getExecuteData();
	const starts = nodeExecutions.get(key) ?? { outcomes: new Map<string, ItemOutcome>() };
	nodeExecutions.set(key, starts);
	return starts;
}

/**
 * The start of one item's run. n8n stores it with the execution's data, so Retry On Fail and a retry of the execution
 * find the run again.
 */
export class StartRecord {
	/** An earlier start for the same item: in this execution, or with the same inputs in one that is being retried. */
	readonly earlier?: StartEntry & { isSameExecution: boolean };

	/** The item's latest run, as soon as it is known. */
	runId?: string;

	private readonly memory: Memory;
	private readonly place: string;
	private readonly fingerprint: string;
	private readonly executionId: string;

	constructor(
		private readonly context: ItemContext,
		request: RunRequest,
		private readonly caller: Caller,
		private readonly field: string | undefined,
		private readonly starts: NodeStarts,
	) {
		this.memory = memoryOf(context);
		this.fingerprint = fingerprintOf(request);
		this.executionId = context.getExecutionId();
		this.place = this.findPlace();
		const earlier = this.memory[this.place] ?? this.takeOverOpenCall();
		if (earlier === undefined) return;
		const isSameExecution = earlier.executionId === this.executionId;
		// In the same execution the place is enough: inputs with a time in them differ from attempt to attempt.
		if (!isSameExecution && earlier.fingerprint !== this.fingerprint) return;
		this.earlier = { ...earlier, isSameExecution };
		if (earlier.runId !== undefined) this.note(earlier.runId, 'was started earlier');
		else if (isSameExecution) this.list(this.place);
	}

	/**
	 * Starts the run and stores what happened.
	 *
	 * @param start calls `onSend` before each attempt: from then on, Dibby may start the run
	 */
	async record(
		start: (onSend: () => void) => Promise<SeenRun | undefined>,
	): Promise<SeenRun | undefined> {
		const seen = await start(() => this.store({})).catch((error: unknown) => {
			if (error instanceof DibbyError) {
				this.store(error.details.outcomeUnknown ? { error: error.details } : undefined);
			}
			throw error;
		});
		this.store(seen && { runId: seen.run.id });
		if (seen) this.note(seen.run.id, 'was started');
		return seen;
	}

	/** Notes that the work on the item has ended, and whether its result was handed to n8n. */
	end(isHandedOver: boolean): void {
		const entry = this.memory[this.place];
		if (this.caller !== 'workflow' && entry !== undefined) entry.isOpen = !isHandedOver;
	}

	/** @param outcome undefined if no run was started */
	private store(outcome: Pick<StartEntry, 'runId' | 'error'> | undefined): void {
		const { memory, place, fingerprint, executionId } = this;
		this.starts.outcomes.delete(place);
		if (outcome === undefined) Reflect.deleteProperty(memory, place);
		else memory[place] = { fingerprint, executionId, ...outcome };
		if (outcome !== undefined && outcome.runId === undefined) this.list(place);
	}

	private list(key: string, runId?: string): void {
		const item = this.context.getItemIndex();
		const outcome = { item, field: this.field, runId, outcomeUnknown: runId === undefined };
		this.starts.outcomes.set(key, outcome);
	}

	private note(runId: string, what: string): void {
		this.runId = runId;
		const { context, executionId } = this;
		this.list(`${this.place}/${runId}`, runId);
		showWithExecution(context, runId);
		// n8n's console prints the message alone, so everything that matters is in it.
		context.logger.info(
			`Dibby run ${runId} ${what} (execution ${executionId}, node "${context.getNode().name}", item ${context.getItemIndex()})`,
		);
	}

	/**
	 * The key of a start. A node in a loop is executed several times, and with 'One Run per Document', an item has several
	 * runs. Nothing identifies a tool call, so its key is random.
	 */
	private findPlace(): string {
		const { context, caller, field, starts } = this;
		const item = context.getItemIndex();
		// Evaluated only once, because evaluating an expression is slow.
		const runIndex = () => String(context.evaluateExpression('{{ $runIndex }}', item));
		starts.prefix ??= caller === 'workflow' ? runIndex() : `tool/${randomUUID()}`;
		return `${starts.prefix}/${item}${field === undefined ? '' : `/${field}`}`;
	}

	/** Finds an earlier tool call with the same inputs whose result never reached the agent. */
	private takeOverOpenCall(): StartEntry | undefined {
		const { memory, place, fingerprint, executionId } = this;
		if (this.caller === 'workflow') return undefined;
		for (const [earlierPlace, entry] of Object.entries(memory)) {
			// A call that never ended belongs to an execution that was cut off, so nobody works on it anymore.
			const isOpen = entry.isOpen ?? entry.executionId !== executionId;
			if (entry.fingerprint !== fingerprint || !isOpen) continue;
			Reflect.deleteProperty(memory, earlierPlace);
			memory[place] = { ...entry, executionId, isOpen: false };
			return entry;
		}
		return undefined;
	}
}

function memoryOf(context: ItemContext): Memory {
	try {
		const nodeContext = context.getContext('node') as { dibbyRuns?: Memory };
		return (nodeContext.dibbyRuns ??= {});
	} catch {
		context.logger.debug('Dibby: this call has no execution that could remember its runs');
		return {};
	}
}

/** A short name for a request, the same for the same inputs. Stored files count by their ID in n8n's storage. */
function fingerprintOf(request: RunRequest): string {
	const hash = createHash('sha256');
	for (const part of partsOf(request, 'workflowId')) {
		hash.update(typeof part === 'string' ? part : part.storageId);
	}
	return hash.digest('hex').slice(0, 32);
}

/** The values that n8n shows with an execution. n8n 1.x doesn't have them, or a type for them. */
interface CustomData {
	getAll: () => Record<string, string>;
	set: (key: string, value: string) => void;
}

/** Adds the ID to the execution's custom data, which is kept even if the execution is canceled. */
function showWithExecution(context: ItemContext, runId: string): void {
	const { customData } = context as { customData?: CustomData };
	if (customData === undefined) return;
	const shown = customData.getAll();
	if (Object.values(shown).some((ids) => ids.split(', ').includes(runId))) return;
	const withId = (ids: string | undefined) => (ids ? `${ids}, ${runId}` : runId);
	const key = SHOWN_KEYS.find((name) => withId(shown[name]).length <= MAX_SHOWN_LENGTH);
	if (key !== undefined) customData.set(key, withId(shown[key]));
}
