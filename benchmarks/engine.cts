import type { IBinaryData, INodeExecutionData, INodeType } from 'n8n-workflow';

import { startEngine } from '../test/support/engine.cts';
import type { Step } from '../test/support/engine.cts';
import { storage } from '../test/support/n8n.cts';

/** n8n's engine with the node, and others to compare it with. */
export async function startMeasuredEngine(
	baseUrl: string,
	token: string,
	more: Record<string, INodeType> = {},
) {
	const engine = await startEngine({ token, baseUrl, more });
	return {
		/** Stores a file as an earlier node would. */
		store: async (path: string): Promise<IBinaryData> => {
			const location = { type: 'execution', workflowId: 'bench', executionId: 'bench' } as const;
			const file = { data: '', mimeType: 'application/pdf', fileName: 'document.pdf' };
			return await storage.copyBinaryFile(location, file, path);
		},
		/**
		 * Executes one node.
		 *
		 * @returns its output and the seconds that it took
		 * @throws when the node fails
		 */
		execute: async (step: Step, items: INodeExecutionData[]) => {
			const times: number[] = [];
			const onNode = (_event: string, name: string) => {
				if (name === 'Measured') times.push(performance.now());
			};
			const result = await engine.run({ ...step, name: 'Measured' }, { items, onNode });
			const { error } = result;
			if (error) throw new Error(`${error.message}\n${error.description ?? ''}`);
			const [start = NaN, end = NaN] = times;
			return { seconds: (end - start) / 1000, items: result.items };
		},
	};
}
