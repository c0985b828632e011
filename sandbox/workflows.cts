import { createHash } from 'node:crypto';

import type { ReceivedDocument } from './document.cts';
import type { SandboxWorkflow } from './types.cts';
import { reportExpenses } from './workflows/expenses.cts';
import { readInvoice } from './workflows/invoice.cts';
import { makeReport } from './workflows/report.cts';
import { manyDocuments } from './workflows/manyDocuments.cts';

const APPLICATION = '7d9f2c10-55aa-4c1e-9b7e-0a1b2c3d4e5f';

type Definition = Omit<SandboxWorkflow, 'id' | 'url'>;

const definitions = {
	invoice: {
		name: 'Invoice Extraction',
		startNode: [{ name: 'document', type: 'document' }],
		steps: 3,
		output: async ({ document }) => await readInvoice((document as ReceivedDocument).content()),
	},
	expenses: {
		name: 'Expense Report',
		startNode: [{ name: 'receipts', type: 'documents' }],
		steps: 3,
		output: async ({ receipts }) =>
			await reportExpenses((receipts as ReceivedDocument[]).map((receipt) => receipt.content())),
	},
	bundle: {
		name: 'Document Bundle',
		startNode: [{ name: 'documents', type: 'documents' }],
		steps: 2,
		output: async (inputs) => inputs,
	},
	report: {
		name: 'Report With Files',
		startNode: [
			{ name: 'title', type: 'string' },
			{ name: 'rows', type: 'array' },
		],
		steps: 2,
		output: async (inputs) => await makeReport(String(inputs.title), inputs.rows as unknown[]),
	},
	manyDocuments: {
		name: 'Many Documents',
		startNode: [
			{ name: 'count', type: 'number' },
			{ name: 'bytes', type: 'number' },
		],
		steps: 1,
		output: async ({ count, bytes }) =>
			await Promise.resolve(() => manyDocuments(Number(count), Number(bytes))),
	},
	approval: {
		name: 'Human Validation',
		startNode: [{ name: 'document', type: 'document' }],
		steps: 3,
		needsPerson: true,
		output: async (inputs) => ({ approved: true, ...inputs }),
	},
	failing: {
		name: 'Failing Workflow',
		startNode: [],
		steps: 5,
		failsAfter: 2,
		output: async () => await Promise.resolve({}),
	},
	otherSpelling: {
		name: 'Other Spelling of the Key',
		startNode: [],
		steps: 1,
		key: 'worfklowId',
		output: async () => await Promise.resolve({ ok: true }),
	},
	digest: {
		name: 'Document Digest',
		startNode: [{ name: 'document', type: 'document' }],
		steps: 1,
		output: async ({ document }) => document as ReceivedDocument,
	},
	echo: { name: 'Echo', startNode: 'anything', steps: 2, output: async (inputs) => inputs },
} satisfies Record<string, Definition>;

/** A UUID that depends on the workflow's short name only. */
function idOf(name: string): string {
	const hex = createHash('sha256').update(`dibby sandbox ${name}`).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The sandbox's workflows by short name. */
export const WORKFLOWS = Object.fromEntries(
	Object.entries<Definition>(definitions).map(([name, definition]): [string, SandboxWorkflow] => {
		const id = idOf(name);
		const url = `https://dibby.ai/application/${APPLICATION}/workflow/${id}`;
		return [name, { ...definition, id, url }];
	}),
) as Record<keyof typeof definitions, SandboxWorkflow>;
