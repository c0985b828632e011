import { parse } from 'flatted';
import type {
	ExecutionStatus,
	INodeExecutionData,
	IRunExecutionData,
	ITaskData,
} from 'n8n-workflow';

/** An execution as n8n stored it. */
export interface Execution {
	id: string;
	status: ExecutionStatus;
	/** Undefined until n8n has stored some. */
	data?: IRunExecutionData;
}

/** n8n stores an execution's data flatted: one list, objects naming each other by their place in it. */
export function readExecutionData(stored: string): IRunExecutionData {
	return parse(stored) as IRunExecutionData;
}

/** The last run of a node within an execution; undefined where it did not run. */
export function nodeRun(execution: Pick<Execution, 'data'>, node: string): ITaskData | undefined {
	return execution.data?.resultData.runData[node]?.at(-1);
}

/** The items that a node put out in its last run, at one of its outputs. */
export function nodeItems(
	execution: Pick<Execution, 'data'>,
	node: string,
	output = 0,
): INodeExecutionData[] {
	return nodeRun(execution, node)?.data?.main?.[output] ?? [];
}
