import { createHash } from 'node:crypto';

import type { IDataObject } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { Step } from './engine.cts';

/** A row of the Inputs parameter, as the editor stores it. */
export interface Field {
	name: string;
	type: 'string' | 'number' | 'boolean' | 'array' | 'object' | 'binary';
	value: unknown;
}

/** Waits for the run, and gives what the workflow returns. */
export const WAIT = { waitForCompletion: true, output: 'output' };

/** What tests begin with, whatever a new node begins with. */
const QUIET = { waitForCompletion: false, output: 'run' };

/** The Dibby node with Trigger Run, as the editor stores it. */
export function triggerRun(
	workflowId: string,
	more: IDataObject = {},
	node: Partial<Step> = {},
): Step {
	const workflow = { __rl: true, mode: 'id', value: workflowId };
	const parameters = { operation: 'triggerRun', workflow, ...QUIET, ...more };
	return { type: 'dibby', parameters, ...node };
}

/** Trigger Run of the workflow that returns its inputs, which are the item's fields unless the parameters say otherwise. */
export const echo = (parameters: IDataObject = {}, node: Partial<Step> = {}): Step =>
	triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item', ...parameters }, node);

/** The Dibby node with Get Run, as the editor stores it. */
export function getRun(runId: string, more: IDataObject = {}, node: Partial<Step> = {}): Step {
	const parameters = { operation: 'getRun', runId, ...QUIET, ...more };
	return { type: 'dibby', parameters, ...node };
}

/** The Inputs parameter with these rows. */
export function fields(...rows: Field[]): IDataObject {
	const assignments = rows.map((row, index) => ({ id: String(index), ...row }));
	return { specifyInputs: 'fields', fields: { assignments } };
}

/** The Documents parameter with one row. */
export const document = (inputName: string, binaryField: unknown = 'data', sendAs = 'single') => ({
	documents: { rows: [{ inputName, binaryField, sendAs } as IDataObject] },
});

/** A file that is in memory with the item, as n8n's default binary mode keeps it. */
export function inMemoryFile(content: Buffer | string, mimeType: string, fileName?: string) {
	const file = { data: Buffer.from(content).toString('base64'), mimeType };
	return fileName === undefined ? file : { ...file, fileName };
}

/** Items with a number each. */
export const numbers = (count: number) =>
	Array.from({ length: count }, (_value, n) => ({ json: { n } }));

export const sha256 = (content: Buffer | string) =>
	createHash('sha256').update(content).digest('hex');
