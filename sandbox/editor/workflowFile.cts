import type { IConnections, INode, IWorkflowSettings } from 'n8n-workflow';
import type { StoredCredential } from './client.cts';

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

/** The same workflow with the credential in all Dibby nodes. */
export function withCredential(
	workflow: WorkflowFile,
	{ type, id, name }: StoredCredential,
): WorkflowFile {
	const nodes = workflow.nodes.map((node) => {
		if (!node.type.startsWith('n8n-nodes-dibby.')) return node;
		return { ...node, credentials: { ...node.credentials, [type]: { id, name } } };
	});
	return { ...workflow, nodes };
}
