import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { N8nClient, StoredCredential, StoredWorkflow } from './client.cts';
import { PROJECT_FOLDER } from './paths.cts';
import { readWorkflow, withCredential } from './workflowFile.cts';

/**
 * Imports the example workflows with a credential. A workflow that already has an example's name stays as it is: delete
 * it in n8n to import the example again.
 */
export async function importExamples(
	client: N8nClient,
	credential: StoredCredential,
): Promise<StoredWorkflow[]> {
	const folder = path.join(PROJECT_FOLDER, 'examples');
	const known = await client.workflows();
	const imported: StoredWorkflow[] = [];
	for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
		const example = readWorkflow(readFileSync(path.join(folder, file), 'utf8'));
		const existing = known.find(({ name }) => name === example.name);
		imported.push(existing ?? (await client.createWorkflow(withCredential(example, credential))));
	}
	return imported;
}
