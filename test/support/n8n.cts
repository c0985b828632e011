import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core reads its settings when it's loaded. It must not use the developer's own folder.
process.env.N8N_USER_FOLDER ??= mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env.N8N_LOG_LEVEL ??= 'silent';

import { createRequire } from 'node:module';

import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import type { IBinaryData } from 'n8n-workflow';

/** The container that n8n-core uses; other packages can have their own copy of the module. */
export const { Container } = createRequire(require.resolve('n8n-core'))('@n8n/di') as {
	Container: { get: <Type>(type: abstract new (...parameters: never[]) => Type) => Type };
};

/** n8n's storage of files. A suite puts back the methods that a test replaces. */
export const storage = Container.get(BinaryDataService);

/** Where n8n stores the files of items: in memory with the item, or in a folder. */
export type BinaryMode = 'default' | 'filesystem';

/** Switches n8n's binary storage to a mode, with a new empty folder. */
export async function useBinaryMode(mode: BinaryMode): Promise<void> {
	const config = Container.get(BinaryDataConfig);
	config.mode = mode;
	config.localStoragePath = mkdtempSync(join(tmpdir(), 'n8n-binary-'));
	await storage.init();
}

/** Stores a file as an earlier node would. */
export async function storeFile(
	content: Buffer | string,
	fileName = 'scan.pdf',
): Promise<IBinaryData> {
	const location = { type: 'execution', workflowId: 'test', executionId: 'test' } as const;
	const file = { data: '', mimeType: 'application/pdf', fileName };
	return await storage.store(location, Buffer.from(content), file);
}

/** A file's content, wherever n8n keeps it. */
export const contentOf = async (file: IBinaryData | undefined) =>
	await storage.getAsBuffer(file as IBinaryData);
