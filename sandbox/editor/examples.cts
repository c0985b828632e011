import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { WORKFLOWS } from '../workflows.cts';
import type { N8nClient, StoredCredential, StoredWorkflow } from './client.cts';
import { PROJECT_FOLDER } from './paths.cts';
import { readWorkflow, type WorkflowFile } from './workflowFile.cts';

export const EXAMPLES_FOLDER = path.join(PROJECT_FOLDER, 'examples');

/** The Dibby workflows of the examples that don't read an invoice. */
const WORKFLOW_OF: Record<string, { url: string }> = {
	'all-files-in-one-run': WORKFLOWS.expenses,
	'wait-for-a-person': WORKFLOWS.approval,
};

/** The names of the example files, without their extension. */
export function exampleNames(): string[] {
	return readdirSync(EXAMPLES_FOLDER)
		.filter((file) => file.endsWith('.json'))
		.map((file) => path.basename(file, '.json'));
}

/** Reads an example. Its Dibby nodes get the credential and the URL of a sandbox workflow, which the file leaves empty. */
export function readExample(name: string, credential: StoredCredential): WorkflowFile {
	const text = readFileSync(path.join(EXAMPLES_FOLDER, `${name}.json`), 'utf8');
	const example = readWorkflow(text);
	const { url: value } = WORKFLOW_OF[name] ?? WORKFLOWS.invoice;
	const { type, id, name: credentialName } = credential;
	for (const node of example.nodes.filter((one) => one.type.startsWith('n8n-nodes-dibby.'))) {
		node.credentials = { ...node.credentials, [type]: { id, name: credentialName } };
		node.parameters.workflow = { __rl: true, mode: 'url', value };
	}
	return example;
}

/**
 * Imports the example workflows with a credential. A workflow that already has an example's name stays as it is: delete
 * it in n8n to import the example again.
 */
export async function importExamples(
	client: N8nClient,
	credential: StoredCredential,
): Promise<StoredWorkflow[]> {
	const known = await client.workflows();
	const imported: StoredWorkflow[] = [];
	for (const file of exampleNames()) {
		const example = readExample(file, credential);
		const existing = known.find(({ name }) => name === example.name);
		imported.push(existing ?? (await client.createWorkflow(example)));
	}
	return imported;
}
