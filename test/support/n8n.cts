import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core reads its settings when it is loaded; its own folder must not be the developer's.
process.env.N8N_USER_FOLDER ??= mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env.N8N_LOG_LEVEL ??= 'silent';

import { createRequire } from 'node:module';

import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import type { IRunExecutionData } from 'n8n-workflow';
import * as n8nWorkflow from 'n8n-workflow';

/** The container that n8n-core itself uses: other packages may bring a copy of their own. */
export const { Container } = createRequire(require.resolve('n8n-core'))('@n8n/di') as {
	Container: { get: <Type>(type: abstract new (...parameters: never[]) => Type) => Type };
};

/** Where n8n keeps the files of items: with the item in memory, or in a folder. */
export type BinaryMode = 'default' | 'filesystem';

/** Switches n8n's own binary storage to a mode, with a new empty folder. */
export async function useBinaryMode(mode: BinaryMode): Promise<BinaryDataService> {
	const config = Container.get(BinaryDataConfig);
	config.mode = mode;
	config.localStoragePath = mkdtempSync(join(tmpdir(), 'n8n-binary-'));
	const service = Container.get(BinaryDataService);
	await service.init();
	return service;
}

/** The data of an execution that is about to begin; n8n 1.x before its last versions has no function for it. */
export function newExecution(
	given: Pick<
		NonNullable<IRunExecutionData['executionData']>,
		'contextData' | 'nodeExecutionStack'
	>,
): IRunExecutionData {
	if (n8nWorkflow.createRunExecutionData !== undefined) {
		return n8nWorkflow.createRunExecutionData({ executionData: given });
	}
	const executionData = {
		...given,
		metadata: {},
		waitingExecution: {},
		waitingExecutionSource: {},
	};
	return {
		startData: {},
		resultData: { runData: {} },
		executionData,
	} as unknown as IRunExecutionData;
}
