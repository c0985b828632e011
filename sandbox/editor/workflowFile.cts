import { createHash } from 'node:crypto';
import type { IConnections, INode, IWorkflowSettings } from 'n8n-workflow';

/** A workflow as n8n exports it. */
export interface WorkflowFile {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

/** Reads an exported workflow's text; what an export carries of its old home (IDs, versions) is left out. */
export function readWorkflow(text: string): WorkflowFile {
	const { name, nodes, connections, settings } = JSON.parse(text) as WorkflowFile;
	if (!name || !Array.isArray(nodes) || typeof connections !== 'object') {
		throw new Error('This is no exported n8n workflow: name, nodes or connections are missing.');
	}
	return { name, nodes, connections, settings: settings ?? {} };
}

/** The same workflow with every node that can use a credential of this type using this one. */
export function withCredential(
	workflow: WorkflowFile,
	type: string,
	credential: { id: string; name: string },
	nodeTypes: string[],
): WorkflowFile {
	const { id, name } = credential;
	const nodes = workflow.nodes.map((node) =>
		nodeTypes.includes(node.type) || node.credentials?.[type]
			? { ...node, credentials: { ...node.credentials, [type]: { id, name } } }
			: node,
	);
	return { ...workflow, nodes };
}

export function fingerprint(workflow: WorkflowFile): string {
	return createHash('sha256').update(JSON.stringify(workflow)).digest('hex');
}
