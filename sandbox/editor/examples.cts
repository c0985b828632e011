import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type N8nClient, type StoredCredential, type StoredWorkflow } from './client.cts';
import { N8nError } from './http.cts';
import { PROJECT_FOLDER } from './paths.cts';
import { fingerprint, readWorkflow, withCredential } from './workflowFile.cts';

export const NODE_TYPES = ['n8n-nodes-dibby.dibby', 'n8n-nodes-dibby.dibbyTool'];

export interface ImportedExample {
	file: string;
	workflow: StoredWorkflow;
	/** False where it was there already, unchanged on disk: what its user did with it in n8n stays. */
	changed: boolean;
}

/**
 * Imports every workflow of the examples folder, its Dibby nodes set to a credential. An example that was
 * imported before is replaced only when its file (or the credential) has changed since.
 */
export async function importExamples(
	client: N8nClient,
	credential: StoredCredential,
	userFolder: string,
	folder = path.join(PROJECT_FOLDER, 'examples'),
): Promise<ImportedExample[]> {
	if (!existsSync(folder)) return [];
	const memory = path.join(userFolder, 'examples.json');
	const known = existsSync(memory)
		? (JSON.parse(readFileSync(memory, 'utf8')) as Record<string, { id: string; hash: string }>)
		: {};
	const imported: ImportedExample[] = [];
	for (const file of readdirSync(folder)
		.filter((name) => name.endsWith('.json'))
		.sort()) {
		const read = readWorkflow(readFileSync(path.join(folder, file), 'utf8'));
		const example = withCredential(read, credential.type, credential, NODE_TYPES);
		const hash = fingerprint(example);
		const before = known[file];
		const there = before && (await find(client, before.id));
		const same = there && before.hash === hash;
		const workflow = same
			? there
			: there
				? await client.updateWorkflow(there.id, example)
				: await client.createWorkflow(example);
		known[file] = { id: workflow.id, hash };
		imported.push({ file, workflow, changed: !same });
	}
	writeFileSync(memory, `${JSON.stringify(known, null, '\t')}\n`);
	return imported;
}

async function find(client: N8nClient, id: string): Promise<StoredWorkflow | undefined> {
	try {
		return await client.getWorkflow(id);
	} catch (error) {
		// Deleted in n8n since.
		if (error instanceof N8nError && (error.status === 404 || error.status === 403))
			return undefined;
		throw error;
	}
}
