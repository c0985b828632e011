import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { nodeItems } from '../../sandbox/editor/executionData.cts';
import { readWorkflow, withCredential } from '../../sandbox/editor/workflowFile.cts';
import type { WorkflowFile } from '../../sandbox/editor/workflowFile.cts';
import { useRealN8n } from './realN8n.cts';

const real = useRealN8n();
const EXAMPLES = join(__dirname, '..', '..', 'examples');
const INVOICE = readFileSync(join(EXAMPLES, 'files', 'invoice.pdf'));

/** Imports an example as a user does who has chosen the credential, with some parameters set. */
async function importExample(file: string, change: (workflow: WorkflowFile) => void = () => {}) {
	const read = readWorkflow(readFileSync(join(EXAMPLES, `${file}.json`), 'utf8'));
	const workflow = withCredential(read, real.credential);
	change(workflow);
	return await real.client.createWorkflow(workflow);
}

function setParameters(workflow: WorkflowFile, node: string, parameters: object): void {
	const found = workflow.nodes.find(({ name }) => name === node);
	Object.assign(found?.parameters ?? {}, parameters);
}

async function execute(file: string, change?: (workflow: WorkflowFile) => void) {
	const { id } = await importExample(file, change);
	const execution = await real.client.waitForExecution(await real.client.run(id, 'Try It'));
	expect(execution.data?.resultData.error?.message).toBeUndefined();
	return execution.data;
}

test('every example has notes, and is executed here', () => {
	const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
	const tested = ['examples', 'agents']
		.map((name) => readFileSync(join(__dirname, `${name}.test.cts`), 'utf8'))
		.join('\n');
	for (const file of files) {
		const { nodes } = readWorkflow(readFileSync(join(EXAMPLES, file), 'utf8'));
		expect(nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote')).toBe(true);
		expect(tested).toMatch(new RegExp(`'${file.replace('.json', '')}(\\.json)?'`));
	}
});

test('email attachments to a table, without the logo', async () => {
	const before = real.sandbox.runs.size;
	const rows = nodeItems({ data: await execute('email-attachments-to-table') }, 'Row').map(
		({ json }) => json,
	);
	expect(rows).toEqual([
		{
			vendor: 'Northwind Office Supplies Ltd',
			invoiceNumber: 'INV-2026-0417',
			date: '2026-03-14',
			total: 1770.5,
			currency: 'EUR',
		},
		{
			vendor: 'Baltic Freight OY',
			invoiceNumber: 'BF-88213',
			date: '2026-02-27',
			total: 5020.5,
			currency: 'USD',
		},
	]);
	expect(real.sandbox.runs.size).toBe(before + 2);
});

test('email attachments: one that gives no data leaves the others alone', async () => {
	real.sandbox.setFaults([{ name: '422', on: 'POST', nth: 1, fault: { status: 422, body: '' } }]);
	// As the note says, somebody has put a node of their own in the place of Sample Email.
	const data = await execute('email-attachments-to-table', (read) => {
		const renamed = JSON.stringify(read).replaceAll('"Sample Email"', '"My Mailbox"');
		Object.assign(read, JSON.parse(renamed));
	});
	real.sandbox.setFaults([]);
	expect(nodeItems({ data }, 'Row')).toHaveLength(1);
	expect(nodeItems({ data }, 'Look At It').map(({ json }) => json)).toMatchObject([
		{ subject: 'Invoices of this week', message: 'Dibby rejected the inputs', runId: '' },
	]);
});

test('email attachments: an email without any starts nothing', async () => {
	const before = real.sandbox.runs.size;
	const data = await execute('email-attachments-to-table', (read) =>
		setParameters(read, 'Sample Email', { jsCode: "return [{ json: { subject: 'Hello' } }];" }),
	);
	expect(nodeItems({ data }, 'Row')).toEqual([]);
	expect(real.sandbox.runs.size).toBe(before);
});

test('a watched folder: new files once', async () => {
	const inbox = join(real.folder, 'inbox');
	const put = (file: string, as = file) => {
		mkdirSync(inbox, { recursive: true });
		copyFileSync(join(EXAMPLES, 'files', file), join(inbox, as));
	};
	put('invoice.pdf');
	put('invoice-2.pdf');
	const workflow = await importExample('watched-folder', (read) =>
		setParameters(read, 'Read Files', { fileSelector: join(inbox, '*.pdf') }),
	);
	const files = async () => {
		const { data } = await real.client.waitForExecution(
			await real.client.run(workflow.id, 'Try It'),
		);
		return nodeItems({ data }, 'Row')
			.map(({ json }) => json.file)
			.sort();
	};
	expect(await files()).toEqual(['invoice-2.pdf', 'invoice.pdf']);
	expect(await files()).toEqual([]);
	put('invoice.pdf', 'another.pdf');
	expect(await files()).toEqual(['another.pdf']);
});

test('a watched folder: a file for which nothing was started comes again', async () => {
	const before = real.sandbox.runs.size;
	real.sandbox.setFaults([{ name: '401', on: 'POST', nth: 1, fault: { status: 401, body: '' } }]);
	const data = await execute('watched-folder', (read) => {
		setParameters(read, 'Read Files', { fileSelector: join(EXAMPLES, 'files', 'invoice*.pdf') });
		setParameters(read, 'Wait', { amount: 1, unit: 'seconds' });
	});
	real.sandbox.setFaults([]);
	expect(real.sandbox.runs.size).toBe(before + 2);
	const runs = data?.resultData.runData.Row ?? [];
	const rows = runs.flatMap((run) => run.data?.main?.[0] ?? []).map(({ json }) => json.file);
	expect(rows.sort()).toEqual(['invoice-2.pdf', 'invoice.pdf']);
});

test('a watched folder: where a run exists, a person looks first', async () => {
	real.sandbox.setFaults([{ name: '500', on: 'POST', nth: 1, fault: { status: 500, body: '' } }]);
	const data = await execute('watched-folder', (read) =>
		setParameters(read, 'Read Files', { fileSelector: join(EXAMPLES, 'files', 'invoice*.pdf') }),
	);
	real.sandbox.setFaults([]);
	expect(data?.resultData.runData.Wait).toBeUndefined();
	expect(nodeItems({ data }, 'Look At It').map(({ json }) => json)).toMatchObject([
		{ message: "Dibby couldn't process the request (HTTP 500)" },
	]);
});

test('a watched folder that is not there is said', async () => {
	const data = await execute('watched-folder', (read) =>
		setParameters(read, 'Read Files', { fileSelector: join(EXAMPLES, 'nowhere', '*.pdf') }),
	);
	expect(nodeItems({ data }, 'No Files').map(({ json }) => json)).toMatchObject([
		{ message: expect.stringMatching(/the folder is empty, or does not exist/) as string },
	]);
});

test('a form that answers', async () => {
	await real.client.activate(await importExample('form-upload-with-answer'));
	const before = real.sandbox.runs.size;
	const files = [
		{ field: 'field-0', name: 'invoice.pdf', type: 'application/pdf', bytes: INVOICE },
	];
	const response = await real.client.upload('dibby-invoice', files, {}, 'form');
	expect(response.status).toBe(200);
	for (let tries = 0; tries < 100 && real.sandbox.runs.size === before; tries++) {
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	const run = [...real.sandbox.runs.values()].at(-1);
	expect(run?.inputs.document).toMatchObject({
		mediaType: 'application/pdf',
		bytes: INVOICE.length,
	});
});

test('a form whose invoice may be under way does not ask for it again', async () => {
	const path = 'dibby-invoice-in-doubt';
	const workflow = await importExample('form-upload-with-answer', (read) => {
		setParameters(read, 'Upload Form', { options: { path } });
		for (const node of read.nodes) if (node.webhookId) node.webhookId = `${node.webhookId}-2`;
	});
	await real.client.activate(workflow);
	real.sandbox.setFaults([{ name: '500', on: 'POST', fault: { status: 500 } }]);
	const file = { field: 'field-0', name: 'a.pdf', type: 'application/pdf', bytes: INVOICE };
	const answer = await real.client.upload(path, [file], {}, 'form');
	const { formWaitingUrl } = (await answer.json()) as { formWaitingUrl: string };
	const [execution] = await real.client.executions(workflow.id);
	await real.client.waitForExecution(execution?.id ?? '', 60_000, ['waiting']);
	real.sandbox.setFaults([]);
	const page = await (await fetch(formWaitingUrl)).text();
	expect(page).toContain('This invoice was not read');
	expect(page).toContain('do not upload it again');
});

test('many files, one run each, with a limit', async () => {
	const before = real.sandbox.runs.size;
	const data = await execute('many-files-with-a-limit');
	expect(real.sandbox.runs.size).toBe(before + 12);
	const sums = nodeItems({ data }, 'Summarize').map(({ json }) => json);
	expect(sums).toEqual(
		expect.arrayContaining([
			{ vendor: 'Baltic Freight OY', sum_total: 30123, count_invoiceNumber: 6 },
		]),
	);
	expect(nodeItems({ data }, 'Look At It')).toEqual([]);
});

test('a run that a person must validate', async () => {
	const { id } = await importExample('wait-for-a-person');
	const execution = await real.client.run(id, 'Try It');
	// Within the minute before it falls asleep; what comes after that is tried in test/sleep.
	const pending = () =>
		[...real.sandbox.runs.values()].find(({ status, polls }) => status === 'RUNNING' && polls >= 2);
	for (let tries = 0; tries < 600 && !pending(); tries++)
		await new Promise((resolve) => setTimeout(resolve, 50));
	real.sandbox.finish(pending()?.id ?? '');
	const { data } = await real.client.waitForExecution(execution);
	expect(nodeItems({ data }, 'Validate With Dibby').map(({ json }) => json)).toMatchObject([
		{ approved: true },
	]);
});
