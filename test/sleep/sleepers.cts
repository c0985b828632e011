import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { startN8n } from '../../sandbox/editor/server.cts';
import type { NodeSketch, RealN8n } from '../e2e/realN8n.cts';

/** A document by whose size the run of an item is known. */
export const contentOf = (number: number) =>
	`data:application/pdf;base64,${Buffer.from('x'.repeat(number + 1)).toString('base64')}`;
/** Each has a document of as many bytes as its number plus one, by which the sandbox's runs are told apart. */
export const items = (count: number, from = 0): NodeSketch => ({
	name: 'Items',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: {
		jsCode: `return Array.from({ length: ${count} }, (_, n) => ({ json: {
			n, document: 'data:application/pdf;base64,' + Buffer.from('x'.repeat(${from} + n + 1)).toString('base64'),
		} }))`,
	},
});
/** Looks, from behind, for the item that each result came from. */
export const after: NodeSketch = {
	name: 'After',
	type: 'n8n-nodes-base.set',
	typeVersion: 3.4,
	parameters: {
		includeOtherFields: true,
		assignments: {
			assignments: [
				{ id: '1', name: 'seen', type: 'number', value: "={{ $('Items').item.json.n }}" },
			],
		},
	},
};
export const asleep = (more: object = {}) => ({
	operation: 'triggerRun',
	workflow: { __rl: true, mode: 'id', value: WORKFLOWS.approval.id },
	specifyInputs: 'fields',
	fields: {
		assignments: [{ id: '1', name: 'document', type: 'string', value: '={{ $json.document }}' }],
	},
	waitForCompletion: true,
	whileWaiting: 'sleep',
	output: 'run',
	...more,
});
/** About four and a half minutes. */
export const SHORT = { timeLimitDays: 0.003 };

/** The number of a run's item, by the size of its document; NaN for a run without one. */
export const numberOf = ({ inputs }: { inputs: Record<string, unknown> }) =>
	((inputs.document as { bytes: number } | undefined)?.bytes ?? NaN) - 1;

export const pause = async (milliseconds: number) =>
	await new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Kills n8n outright, and starts it again where it was. */
export async function killAndRestart(real: RealN8n): Promise<void> {
	const { pid, port, install, userFolder, ended } = real.n8n;
	process.kill(-pid, 'SIGKILL');
	await ended;
	real.n8n = await startN8n({ install, userFolder, port });
}
