import { join } from 'node:path';

import { N8nClient } from '../sandbox/editor/client.cts';
import type { StoredCredential } from '../sandbox/editor/client.cts';
import { packProject } from '../sandbox/editor/pack.cts';
import { startN8n } from '../sandbox/editor/server.cts';
import { inTemporaryFolder } from './byTurns.cts';

/** A real n8n with the packed package, and a credential for a Dibby. */
export interface MeasuredN8n {
	client: N8nClient;
	credential: StoredCredential;
	pid: number;
}

/** Starts such an n8n for some work, and stops it afterwards. */
export async function withRealN8n(
	dibby: { url: string; token: string },
	work: (n8n: MeasuredN8n) => Promise<void>,
	timeoutMs?: number,
): Promise<void> {
	const { tarball } = await packProject();
	await inTemporaryFolder(async (folder) => {
		const n8n = await startN8n({ userFolder: join(folder, 'user'), packageTarball: tarball });
		try {
			const client = new N8nClient(n8n.url, timeoutMs);
			await client.logIn();
			const data = { token: dibby.token, baseUrl: dibby.url };
			const credential = await client.createCredential('Dibby', 'dibbyApi', data);
			await work({ client, credential, pid: n8n.pid });
		} finally {
			await n8n.stop();
		}
	});
}
