import {
	appendFileSync,
	copyFileSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { EXAMPLES_FOLDER } from '../../sandbox/editor/examples.cts';
import type { Fault } from '../../sandbox/faults.cts';
import { activate, ExampleUser, nodeOf, setParameters } from './exampleWorkflows.cts';
import { useRealN8n } from './realN8n.cts';
import { pdf } from './sketches.cts';

const real = useRealN8n();
const user = new ExampleUser(real);
const FILES = join(EXAMPLES_FOLDER, 'files');
const CONTRACT = readFileSync(join(FILES, 'contract.pdf'));
const INVOICE = readFileSync(join(FILES, 'invoice.pdf'));
const ROW = {
	vendor: 'Northwind Office Supplies Ltd',
	invoiceNumber: 'INV-2026-0417',
	date: '2026-03-14',
	total: 1770.5,
	currency: 'EUR',
};
const OTHER_ROW = {
	vendor: 'Baltic Freight OY',
	invoiceNumber: 'BF-88213',
	date: '2026-02-27',
	total: 5020.5,
	currency: 'USD',
};

afterEach(() => real.sandbox.setFaults([]));

const failOnce = (fault: Fault) => real.sandbox.failOn('POST', fault, 1);
const lastRun = () => [...real.sandbox.runs.values()].at(-1);

describe('email attachments to a table', () => {
	const NAME = 'email-attachments-to-table';

	test('every PDF becomes a row, and the logo is not sent', async () => {
		const { id } = await user.importExample(NAME);
		const { status, json, runs } = await user.execute(id);
		expect(status).toBe('success');
		expect(runs).toBe(2);
		const dibbyRunId = expect.any(String) as string;
		expect(json('Add Row')).toEqual([
			{ dibbyRunId, ...ROW },
			{ dibbyRunId, ...OTHER_ROW },
		]);
	});

	test("if an invoice can't be read, the others become rows, and the execution fails", async () => {
		failOnce({ status: 422, body: '{"message":"The document has no pages"}' });
		const { id } = await user.importExample(NAME, (workflow) =>
			// The invoices are sent one after the other, so the first one is refused.
			setParameters(workflow, 'Read Invoices', { options: { requestsAtOnce: 1 } }),
		);
		const { status, error, json } = await user.execute(id);
		expect(status).toBe('error');
		expect(json('Add Row')).toMatchObject([OTHER_ROW]);
		expect(error).toMatch(/^1 of the invoices couldn't be read\.\nInvoices for March: /);
		expect(error).toContain('The document has no pages');
	});

	test('an email without attachments starts nothing', async () => {
		const { id } = await user.importExample(NAME, (workflow) =>
			setParameters(workflow, 'Sample Email', { jsCode: "return [{ json: { subject: 'Hi' } }];" }),
		);
		const { status, json, runs } = await user.execute(id);
		expect({ status, runs }).toEqual({ status: 'success', runs: 0 });
		expect(json('Add Row')).toEqual([]);
	});
});

describe('a watched folder', () => {
	const NAME = 'watched-folder';

	/** A folder with PDFs, and the example set up for it. */
	async function watch(name: string) {
		const inbox = join(real.folder, name, 'inbox');
		const archive = join(real.folder, name, 'archive');
		for (const folder of [inbox, archive]) mkdirSync(folder, { recursive: true });
		const { id } = await user.importExample(NAME, (workflow) => {
			activate(workflow, 'Every 5 Minutes', 'Save to Archive');
			setParameters(workflow, 'Read Files', { fileSelector: join(inbox, '*.pdf') });
			setParameters(workflow, 'Wait 1 Minute', { amount: 1, unit: 'seconds' });
			const { fileName } = nodeOf(workflow, 'Save to Archive').parameters;
			setParameters(workflow, 'Save to Archive', {
				fileName: (fileName as string).replace('/home/node/.n8n-files/archive', archive),
			});
		});
		const check = async () => await user.execute(id, 'Every 5 Minutes');
		return { inbox, check, archived: () => readdirSync(archive).sort() };
	}

	test('the test saves nothing, and shows the data next to the file', async () => {
		const { id } = await user.importExample(NAME);
		const { status, json, binary, runs } = await user.execute(id);
		expect({ status, runs }).toEqual({ status: 'success', runs: 1 });
		expect(json('Save to Archive')).toMatchObject([{ ...ROW, fileName: 'scan-0001.pdf' }]);
		expect(binary('Save to Archive')).toMatchObject([{ data: { fileName: 'scan-0001.pdf' } }]);
	});

	test('a new file is sent once', async () => {
		const { inbox, check, archived } = await watch('new');
		copyFileSync(join(FILES, 'invoice.pdf'), join(inbox, 'scan.pdf'));
		expect(await check()).toMatchObject({ runs: 1, status: 'success' });
		expect(archived()).toEqual(['2026-03-14 Northwind Office Supplies Ltd INV-2026-0417.pdf']);
		expect(await check()).toMatchObject({ runs: 0, status: 'success' });
		copyFileSync(join(FILES, 'invoice-2.pdf'), join(inbox, 'scan-2.pdf'));
		expect(await check()).toMatchObject({ runs: 1, status: 'success' });
		expect(archived()).toHaveLength(2);
	});

	test('a file is sent as a whole, once it has stopped growing', async () => {
		const { inbox, check, archived } = await watch('growing');
		const scan = join(inbox, 'scan.pdf');
		writeFileSync(scan, INVOICE);
		const growth = setInterval(() => appendFileSync(scan, '\n'), 100);
		const whileGrowing = await check();
		clearInterval(growth);
		expect(whileGrowing).toMatchObject({ runs: 0, status: 'success' });
		expect(await check()).toMatchObject({ runs: 1, status: 'success' });
		expect(lastRun()?.inputs.document).toMatchObject({ bytes: statSync(scan).size });
		expect(archived()).toHaveLength(1);
	});

	test("if a file can't be read, the others are archived, and the execution fails", async () => {
		const { inbox, check, archived } = await watch('failing');
		copyFileSync(join(FILES, 'invoice.pdf'), join(inbox, 'invoice.pdf'));
		copyFileSync(join(FILES, 'contract.pdf'), join(inbox, 'notes.pdf'));
		failOnce({ status: 422, body: '' });
		const { status, error } = await check();
		expect(status).toBe('error');
		expect(error).toMatch(/^1 of the files couldn't be read\.\n(invoice|notes)\.pdf: /);
		expect(archived()).toHaveLength(1);
	});

	test('a name made of the data stays in the archive', async () => {
		const { inbox, check, archived } = await watch('names');
		copyFileSync(join(FILES, 'invoice.pdf'), join(inbox, 'invoice.pdf'));
		const output = { date: '2026/03', vendor: '../../Müller & Söhne', total: 1 };
		const body = JSON.stringify({ id: 'run_names', status: 'FINISHED', output });
		real.sandbox.failOn('any', { status: 200, body });
		expect((await check()).status).toBe('success');
		expect(archived()).toEqual(['2026_03 .._.._Müller _ Söhne run_names.pdf']);
	});

	test('an empty or missing folder fails the execution', async () => {
		const { check } = await watch('empty');
		const { status, error } = await check();
		expect(status).toBe('error');
		expect(error).toContain('No file(s) found');
	});
});

describe('a form that shows the result', () => {
	const NAME = 'form-upload-with-answer';

	/** Uploads an invoice to a form of its own. */
	async function upload(path: string) {
		const workflow = await user.importExample(NAME, (read) => {
			for (const node of read.nodes) {
				if (node.webhookId) node.webhookId = `${node.webhookId}-${path}`;
			}
			setParameters(read, 'Upload Form', { options: { path } });
		});
		await real.client.activate(workflow);
		return await user.submitForm(workflow.id, path, INVOICE);
	}

	test('the next page shows what Dibby read', async () => {
		const { page, status } = await upload('form-result');
		expect(page).toContain(ROW.vendor);
		expect(page).toContain('Invoice INV-2026-0417 of 2026-03-14: 1770.5 EUR');
		expect(status).toBe('success');
	});

	test('if no run was started, the page allows another upload, and the execution fails', async () => {
		failOnce({ status: 422, body: '' });
		const { page, status, data } = await upload('form-rejected');
		expect(page).toContain('We don&#x27;t have a result for this invoice');
		expect(page).toContain('You can upload another file');
		expect(status).toBe('error');
		expect(data?.resultData.error?.message).toContain('Dibby rejected the inputs');
	});

	test('if a run may be in progress, the page asks not to upload it again, and the execution fails', async () => {
		failOnce({ status: 500, body: '' });
		const { page, status } = await upload('form-unknown');
		expect(page).toContain('upload it again');
		expect(page).not.toContain('You can upload another file');
		expect(status).toBe('error');
	});
});

describe('a run that a person must validate', () => {
	const NAME = 'wait-for-a-person';

	// Both end within a minute, before the execution falls asleep; test/sleep covers what comes after that.
	test('the decision comes with the address of the sender', async () => {
		const { id } = await user.importExample(NAME);
		const outcome = user.execute(id);
		real.sandbox.finish(await user.pendingRun());
		const { status, json, runs } = await outcome;
		expect({ status, runs }).toEqual({ status: 'success', runs: 1 });
		expect(json('Send Decision')).toMatchObject([{ Email: 'you@example.com', approved: true }]);
	});

	test('a contract from the form takes the same path, and a failed run fails the execution', async () => {
		const workflow = await user.importExample(NAME, (read) => activate(read, 'Submit Contract'));
		await real.client.activate(workflow);
		const fields = { 'field-0': 'someone@example.com' };
		await real.client.upload('dibby-contract', [pdf('field-1', CONTRACT)], fields, 'form');
		const run = await user.pendingRun();
		expect(lastRun()?.inputs.document).toMatchObject({ bytes: CONTRACT.length });
		real.sandbox.fail(run);
		const { status } = await real.client.waitForExecution(await user.newestExecution(workflow.id));
		expect(status).toBe('error');
	});
});

describe('the files of all items in one run', () => {
	const NAME = 'all-files-in-one-run';

	test('one run gets all files', async () => {
		const { id } = await user.importExample(NAME);
		const { status, json, runs } = await user.execute(id);
		expect({ status, runs }).toEqual({ status: 'success', runs: 1 });
		expect(json('Send Report')).toMatchObject([
			{ summary: '2 receipts: 1770.50 EUR, 5020.50 USD', totals: { EUR: 1770.5, USD: 5020.5 } },
		]);
	});

	test('if the run fails, so does the execution', async () => {
		const { id } = await user.importExample(NAME, (workflow) =>
			setParameters(workflow, 'Sample Emails', {
				jsCode:
					"return [{ json: {}, binary: { data0: { data: 'bm8=', mimeType: 'application/pdf', fileName: 'a.pdf' } } }];",
			}),
		);
		const { status, error, executed } = await user.execute(id);
		expect(status).toBe('error');
		expect(error).toContain('The Dibby run failed');
		expect(executed).not.toContain('Send Report');
	});
});
