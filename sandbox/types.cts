import type { FaultPlan } from './faults.cts';

/** The types that a Start Node's inputs can have. */
export type InputType =
	'string' | 'number' | 'boolean' | 'array' | 'object' | 'document' | 'documents';

/** A workflow of the sandbox, with what Dibby's editor would show of it. */
export interface SandboxWorkflow {
	id: string;
	name: string;
	/** The address of its page, as people copy it. */
	url: string;
	/** What the Start Node asks for, exactly; the echo workflow takes anything. */
	startNode: ReadonlyArray<{ name: string; type: InputType }> | 'anything';
	steps: number;
	/** The step after which the run fails. */
	failsAfter?: number;
	/** True when a person has to approve the last step. */
	needsPerson?: boolean;
	/** The key that it wants the workflow's ID under, where it is the other one. */
	key?: 'worfklowId';
	/** Works out what the Result Node gives. An error fails the run. */
	output: (inputs: Record<string, unknown>) => Promise<WorkflowOutput>;
}

/** What a Result Node gives; text pieces of JSON where it is too large to hold. */
export type WorkflowOutput = object | (() => Generator<string>);

/** A run of the sandbox; `inputs` have a `ReceivedDocument` in place of each document. */
export interface SandboxRun {
	id: string;
	workflowId: string;
	inputs: Record<string, unknown>;
	status: string;
	stepsCompleted: number;
	polls: number;
	createdAt: Date;
}

/** A request as the sandbox saw it. The token is never kept. */
export interface RecordedRequest {
	method: string;
	path: string;
	/** 0 when there was no answer. */
	status: number;
	/** Milliseconds on the sandbox's clock. */
	startedAt: number;
	endedAt: number;
	bodyBytes: number;
	authorized: boolean;
	headers: Record<string, string>;
	/** The name of the fault that was injected. */
	fault?: string;
	/** True when the client went away before its answer. */
	aborted: boolean;
	rawBody?: string;
}

export interface SandboxOptions {
	/** 0 takes a free one. */
	port: number;
	host: string;
	token: string;
	/** How long a step takes, in milliseconds, when time moves runs on. */
	stepMs: number;
	/** What moves a run on: time, or each poll. */
	advance: 'time' | 'poll';
	faults: FaultPlan;
	/** Bodies larger than this many bytes are refused with 413. */
	bodyLimit: number;
	/** Keeps the text of each body, for comparison. */
	keepBodies: boolean;
	/** Gets a line for each request and each step of a run. */
	log: (line: string) => void;
}

/** A local Dibby. */
export interface Sandbox {
	/** The base URL for the credential. */
	url: string;
	token: string;
	requests: RecordedRequest[];
	runs: Map<string, SandboxRun>;
	readonly inFlight: number;
	readonly maxInFlight: number;
	readonly openSockets: number;
	/** The IDs of the runs that wait for a person now. */
	waiting: () => string[];
	/** Plays the person that a run waits for. */
	finish: (runId: string) => void;
	fail: (runId: string) => void;
	setFaults: (plan: FaultPlan) => void;
	/** Refuses connections until `resume`. */
	pause: () => Promise<void>;
	resume: () => Promise<void>;
	close: () => Promise<void>;
}
