import { parse } from 'flatted';
import type { ExecutionStatus, INodeExecutionData } from 'n8n-workflow';
import type { IRunExecutionData, ITaskData } from 'n8n-workflow';

/** An execution as n8n stored it. */
export interface Execution {
	id: string;
	status: ExecutionStatus;
	/** Undefined until n8n has stored some. */
	data?: IRunExecutionData;
}

type WithData = Pick<Execution, 'data'>;

/** Parses the text in which n8n stores an execution's data. */
export const readExecutionData = (stored: string) => parse(stored) as IRunExecutionData;

/** A node's last run in an execution; undefined if it didn't run. */
export function nodeRun({ data }: WithData, node: string): ITaskData | undefined {
	return data?.resultData.runData[node]?.at(-1);
}

/** The items of a node's last run at one of its outputs. */
export function nodeItems(execution: WithData, node: string, output = 0): INodeExecutionData[] {
	return nodeRun(execution, node)?.data?.main?.[output] ?? [];
}
