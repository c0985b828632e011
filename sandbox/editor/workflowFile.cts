import type { IConnections, INode, IWorkflowSettings } from 'n8n-workflow';

/** A workflow as n8n exports it. */
export interface WorkflowFile {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

/** Reads an exported workflow without the IDs and versions of the n8n that exported it. */
export function readWorkflow(text: string): WorkflowFile {
	const { name, nodes, connections, settings = {} } = JSON.parse(text) as WorkflowFile;
	return { name, nodes, connections, settings };
}
