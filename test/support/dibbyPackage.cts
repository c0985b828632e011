import { join } from 'node:path';

import { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeType } from 'n8n-workflow';

export type LoadedPackage = { node: INodeType; credential: ICredentialType };

/**
 * Loads the package as n8n does: compiled files, named by package.json, read by n8n's own loader.
 *
 * @throws Error when the package is not built, or n8n would not load it
 */
export async function loadPackage(): Promise<LoadedPackage> {
	const loader = new PackageDirectoryLoader(join(__dirname, '..', '..'));
	await loader.loadAll();
	const node = loader.nodeTypes.dibby?.type;
	const credential = loader.credentialTypes.dibbyApi?.type;
	if (node === undefined || !('description' in node) || credential === undefined) {
		throw new Error('n8n loaded no Dibby node from dist/. Build it first: npm run build');
	}
	return { node: node as INodeType, credential };
}
