import { createHash, randomUUID } from 'crypto';

import type { SeenRun } from '../api/fetchRun';
import { partsOf } from '../api/requestBody';
import { DibbyError } from '../errors';
import type { ErrorDetails } from '../errors';
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

const MEMORY_KEY = 'dibbyRuns';

/** What n8n 1.x lacks, and its types too. */
interface NewerContext {
	customData?: {
		getAll: () => Record<string, string>;
		set: (key: string, value: string) => void;
	};
}

/** n8n shows up to ten custom values with an execution. */
const SHOWN_KEYS = Array.from({ length: 10 }, (_value, n) => `dibbyRunId${n === 0 ? '' : n + 1}`);

/** n8n logs an error about longer values. */
const MAX_SHOWN_LENGTH = 255;

/** The place of a tool call, by the object that n8n's engine keeps across the attempts of Retry On Fail. */
const toolPlaces = new WeakMap<object, string>();

/** How often a node was executed before. Read once per node execution, because an expression takes as long as a request. */
const runIndexes = new WeakMap<object, unknown>();

/**
 * The start of one item's run. It survives Retry On Fail, and n8n stores it with the execution's data, so that the run
 * can be found again whatever happens.
 *
 * An item is identified by its index and by how often the node was executed before, because a node in a loop is
 * executed several times; with 'One Run per Document' also by the file's field. A tool call has no such place: it only finds an earlier call with the same inputs whose
 * result never reached the agent.
 */
export class StartRecord {
	/** An earlier start for the same item: in this execution, or with the same inputs in one that is being retried. */
	readonly earlier?: StartEntry & { isSameExecution: boolean };

	/** The item's run, as soon as it is known. */
	runId?: string;

	outcomeUnknown = false;

	private readonly memory: Memory;

	private readonly place: string;

	private readonly fingerprint: string;

	private readonly executionId: string;

	private readonly isToolCall: boolean;

	constructor(
		private readonly context: ItemContext,
		request: RunRequest,
		caller: Caller,
		field: string | undefined,
	) {
		this.isToolCall = caller !== 'workflow';
		this.memory = memoryOf(context);
		this.fingerprint = fingerprintOf(request);
		this.executionId = context.getExecutionId();
		this.place = this.isToolCall ? toolPlaceOf(context, caller) : itemPlaceOf(context, field);
		const earlier = this.memory[this.place] ?? this.takeOverOpenCall();
		if (earlier === undefined) return;
		const isSameExecution = earlier.executionId === this.executionId;
		// In the same execution the place is enough: inputs with a time in them differ from attempt to attempt.
		if (!isSameExecution && earlier.fingerprint !== this.fingerprint) return;
		this.earlier = { ...earlier, isSameExecution };
		if (earlier.runId !== undefined) this.note(earlier.runId, 'was started earlier');
	}

	/**
	 * Starts the run and keeps a record of what happened.
	 *
	 * @param start calls `onSend` before each attempt: from then on, Dibby may start the run
	 */
	async record(
		start: (onSend: () => void) => Promise<SeenRun | undefined>,
	): Promise<SeenRun | undefined> {
		this.runId = undefined;
		const onSend = () => {
			this.outcomeUnknown = true;
			this.write({});
		};
		const seen = await start(onSend).catch((error: unknown) => {
			if (error instanceof DibbyError && error.details.outcomeUnknown) {
				this.write({ error: error.details });
			} else if (error instanceof DibbyError) this.forget();
			throw error;
		});
		if (seen === undefined) this.forget();
		else this.started(seen.run.id);
		return seen;
	}

	private started(runId: string): void {
		this.outcomeUnknown = false;
		this.write({ runId });
		this.note(runId, 'was started');
	}

	private forget(): void {
		this.outcomeUnknown = false;
		Reflect.deleteProperty(this.memory, this.place);
	}

	/** Notes that the work on the item has ended, and whether its result was handed to n8n. */
	end(isHandedOver: boolean): void {
		const entry = this.memory[this.place];
		if (this.isToolCall && entry !== undefined) entry.isOpen = !isHandedOver;
	}

	private write(outcome: Pick<StartEntry, 'runId' | 'error'>): void {
		const { fingerprint, executionId } = this;
		this.memory[this.place] = { fingerprint, executionId, ...outcome };
	}

	private note(runId: string, what: string): void {
		this.runId = runId;
		const { context, executionId } = this;
		showWithExecution(context, runId);
		// n8n's console prints the message alone, so everything that matters is in it.
		context.logger.info(
			`Dibby run ${runId} ${what} (execution ${executionId}, node "${context.getNode().name}", item ${context.getItemIndex()})`,
		);
	}

	private takeOverOpenCall(): StartEntry | undefined {
		if (!this.isToolCall) return undefined;
		// A call that never ended belongs to an execution that was cut off, so nobody works on it anymore.
		const isOpen = (entry: StartEntry) => entry.isOpen ?? entry.executionId !== this.executionId;
		const found = Object.entries(this.memory).find(
			([, entry]) => entry.fingerprint === this.fingerprint && isOpen(entry),
		);
		if (found === undefined) return undefined;
		const [place, entry] = found;
		Reflect.deleteProperty(this.memory, place);
		this.memory[this.place] = { ...entry, executionId: this.executionId, isOpen: false };
		return entry;
	}
}

function itemPlaceOf(context: ItemContext, field: string | undefined): string {
	const item = context.getItemIndex();
	const key = context.getExecuteData();
	const runIndex = runIndexes.get(key) ?? context.evaluateExpression('{{ $runIndex }}', item);
	runIndexes.set(key, runIndex);
	return `${String(runIndex)}/${item}${field === undefined ? '' : `/${field}`}`;
}

function toolPlaceOf(context: ItemContext, caller: Caller): string {
	// AI Agents up to version 2 pass in the agent's own object, which all their calls share.
	const key = caller === 'agent' ? {} : context.getExecuteData();
	const place = toolPlaces.get(key) ?? `tool/${randomUUID()}`;
	toolPlaces.set(key, place);
	return place;
}

function memoryOf(context: ItemContext): Memory {
	try {
		const nodeContext = context.getContext('node') as { [MEMORY_KEY]?: Memory };
		nodeContext[MEMORY_KEY] ??= {};
		return nodeContext[MEMORY_KEY];
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

/** Adds the ID to the execution's custom data, which is kept even if the execution is canceled. */
function showWithExecution(context: ItemContext, runId: string): void {
	const { customData } = context as NewerContext;
	if (customData === undefined) return;
	const shown = customData.getAll();
	if (Object.values(shown).some((ids) => ids.split(', ').includes(runId))) return;
	const withId = (ids: string | undefined) => (ids ? `${ids}, ${runId}` : runId);
	const key = SHOWN_KEYS.find((name) => withId(shown[name]).length <= MAX_SHOWN_LENGTH);
	if (key !== undefined) customData.set(key, withId(shown[key]));
}
