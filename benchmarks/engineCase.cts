import type { BinaryDataService } from 'n8n-core';
import { BinaryDataService as Service } from 'n8n-core';
import type { IBinaryData, INodeExecutionData, INodeType } from 'n8n-workflow';

import { startEngine } from '../test/support/engine.cts';
import type { Step } from '../test/support/engine.cts';
import { Container } from '../test/support/n8n.cts';

/** n8n's engine for a case: one step after another, each timed alone. */
export interface EngineCase {
	/** Puts a file into n8n's storage, as a node before the measured one would have. */
	store: (path: string) => Promise<IBinaryData>;
	/**
	 * Runs a workflow of one step.
	 *
	 * @param onItems gets what came out of the step
	 * @returns the seconds between the engine's beginning and its end of the step
	 * @throws Error when the step fails
	 */
	run: (
		step: Step,
		items: INodeExecutionData[],
		onItems?: (items: INodeExecutionData[]) => void,
	) => Promise<number>;
}

/** Starts n8n's engine with the compiled node, and others to compare it with. */
export async function startEngineCase(
	url: string,
	token: string,
	more: Record<string, INodeType> = {},
): Promise<EngineCase> {
	const engine = await startEngine({ token, baseUrl: url, more });
	const service: BinaryDataService = Container.get(Service);
	return {
		store: async (path) => {
			const location = { type: 'execution', workflowId: 'bench', executionId: 'bench' } as const;
			const file = { data: '', mimeType: 'application/pdf', fileName: 'document.pdf' };
			return await service.copyBinaryFile(location, file, path);
		},
		run: async (step, items, onItems) => {
			let start = 0;
			let seconds = 0;
			const result = await engine.run({
				steps: [{ ...step, name: 'Measured' }],
				items,
				onNode: (event, name) => {
					if (name !== 'Measured') return;
					if (event === 'start') start = performance.now();
					else seconds = (performance.now() - start) / 1000;
				},
			});
			const { error } = result;
			if (error !== undefined) {
				throw new Error(`${error.message} ${error.description ?? ''}`.trim());
			}
			onItems?.(result.items);
			return seconds;
		},
	};
}
