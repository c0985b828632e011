import type { FaultPlan, PlannedFault } from './faults.cts';

/** Types of a Start Node's inputs. */
export type InputType =
	'string' | 'number' | 'boolean' | 'array' | 'object' | 'document' | 'documents';

/** A workflow of the sandbox. */
export interface SandboxWorkflow {
	id: string;
	name: string;
	/** The URL that people copy from Dibby. */
	url: string;
	/** The inputs that must be sent, and no others. */
	startNode: ReadonlyArray<{ name: string; type: InputType }> | 'anything';
	steps: number;
	/** The run fails after this step. */
	failsAfter?: number;
	/** A person has to approve the last step. */
	needsPerson?: boolean;
	/** The body's key for the workflow's ID, if it isn't `workflowId`. */
	key?: 'worfklowId';
	/** Computes the Result Node's output. An error fails the run. */
	output: (inputs: Record<string, unknown>) => Promise<WorkflowOutput>;
}

/** A Result Node's output; a large one as pieces of JSON. */
export type WorkflowOutput = object | (() => Generator<string>);

/** A run of the sandbox. Its inputs have a `ReceivedDocument` for each document. */
export interface SandboxRun {
	id: string;
	workflowId: string;
	inputs: Record<string, unknown>;
	status: string;
	stepsCompleted: number;
	polls: number;
	createdAt: Date;
}

/** A request that the sandbox received, without the token. */
export interface RecordedRequest {
	method: string;
	path: string;
	/** In milliseconds of a monotonic clock. */
	startedAt: number;
	authorized: boolean;
	rawBody?: string;
}

export interface SandboxOptions {
	/** 0 for any free one. */
	port: number;
	token: string;
	/** How long a step takes if `advance` is `time`. */
	stepMs: number;
	/** Whether runs progress with time or with each poll. */
	advance: 'time' | 'poll';
	/** Keeps each body in `rawBody`. */
	keepBodies: boolean;
	/** Called with a line for each request and each update of a run. */
	log: (line: string) => void;
}

/** A local Dibby. */
export interface Sandbox {
	/** The base URL for the credential. */
	url: string;
	token: string;
	requests: RecordedRequest[];
	runs: Map<string, SandboxRun>;
	/** The IDs of the runs, in the order of their starts. */
	readonly runIds: string[];
	readonly inFlight: number;
	readonly maxInFlight: number;
	readonly openSockets: number;
	/** The IDs of the runs that wait for a person. */
	waiting: () => string[];
	/** Decides like the person that a run waits for. */
	finish: (runId: string) => void;
	fail: (runId: string) => void;
	setFaults: (plan: FaultPlan) => void;
	/** Plans one fault. */
	failOn: (on: PlannedFault['on'], fault: PlannedFault['fault'], nth?: PlannedFault['nth']) => void;
	/** Ends all connections, and refuses others. Both do the same, and can be called again. */
	pause: () => Promise<void>;
	close: () => Promise<void>;
}
