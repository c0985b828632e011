import type { INodeExecutionData } from 'n8n-workflow';

import type { SeenRun } from '../api/fetchRun';
import type { Connection } from '../api/request';
import type { ErrorDetails } from '../errors';
import type { Completion, DibbyRun, ItemContext, Source } from '../types';
import type { StartRecord } from './startedRuns';

/** A run to start or to get for an item, after its parameters have been read and checked. */
export interface Plan {
	/** The binary field whose file the run is for, if each file gets its own run. */
	field?: string;
	completion: Completion;
	/** What to keep of the item next to the result. */
	source?: Source;
	/** Starts or finds the run. Returns undefined if the node was stopped before the item's turn came. */
	begin: (task: ReadyTask) => Promise<SeenRun | undefined>;
}

/** A run of a node execution, and how far it has come. */
export interface Task {
	context: ItemContext;
	/** The index of the item that it belongs to. */
	item: number;
	/** Whether it provides the node's first output item, in which n8n looks for an error. */
	isFirst?: boolean;
	/** Ends the task's pauses. One signal for all tasks would slow down with their number. */
	stop: AbortController;
	plan?: Plan;
	connection?: Connection;
	/** The run's start, if the operation starts one. */
	start?: StartRecord;
	run?: DibbyRun;
	result?: INodeExecutionData;
	error?: ErrorDetails;
}

/** A task whose parameters have been read. */
export type ReadyTask = Task & Required<Pick<Task, 'plan' | 'connection'>>;

export function isReady(task: Task): task is ReadyTask {
	return task.plan !== undefined && task.connection !== undefined;
}
