import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core reads its settings when it's loaded. It must not use the developer's own folder.
process.env.N8N_USER_FOLDER ??= mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env.N8N_LOG_LEVEL ??= 'silent';

import { createRequire } from 'node:module';

import { BinaryDataConfig, BinaryDataService } from 'n8n-core';

/** The container that n8n-core uses; other packages can have their own copy of the module. */
export const { Container } = createRequire(require.resolve('n8n-core'))('@n8n/di') as {
	Container: { get: <Type>(type: abstract new (...parameters: never[]) => Type) => Type };
};

/** Where n8n stores the files of items: in memory with the item, or in a folder. */
export type BinaryMode = 'default' | 'filesystem';

/** Switches n8n's binary storage to a mode, with a new empty folder. */
export async function useBinaryMode(mode: BinaryMode): Promise<BinaryDataService> {
	const config = Container.get(BinaryDataConfig);
	config.mode = mode;
	config.localStoragePath = mkdtempSync(join(tmpdir(), 'n8n-binary-'));
	const service = Container.get(BinaryDataService);
	await service.init();
	return service;
}
