export { document, sha256 } from '../support/jobs.cts';
import type { NodeSketch } from './realN8n.cts';

/** Takes files, and answers with what the last node gives, or at once. */
export const webhook = (
	path: string,
	responseMode: 'lastNode' | 'onReceived' = 'lastNode',
): NodeSketch => ({
	name: 'Webhook',
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	webhookId: path,
	parameters: {
		httpMethod: 'POST',
		path,
		responseMode,
		...(responseMode === 'lastNode' ? { responseData: 'allEntries' } : {}),
		options: {},
	},
});
export const manual: NodeSketch = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };
/** The node under test. */
export const dibby = (parameters: object, more: Partial<NodeSketch> = {}): NodeSketch => ({
	name: 'Dibby',
	type: 'n8n-nodes-dibby.dibby',
	parameters: parameters as never,
	...more,
});
/** Trigger Run of a workflow, which waits. */
export const run = (workflowId: string, parameters: object = {}) => ({
	workflow: { __rl: true, mode: 'id', value: workflowId },
	waitForCompletion: true,
	output: 'output',
	...parameters,
});
/** A file to upload. */
export const pdf = (field: string, bytes: Buffer) => ({
	field,
	name: `${field}.pdf`,
	type: 'application/pdf',
	bytes,
});
