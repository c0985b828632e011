import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser, Locator, Page } from 'playwright-core';

import {
	type Crop,
	canvasNode,
	launchBrowser,
	newPage,
	openEditor,
	openNode,
	screenshot,
} from '../../sandbox/editor/browser.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch } from './realN8n.cts';
import { straightWorkflow, TOKEN, useRealN8n } from './realN8n.cts';

const real = useRealN8n();
const INVOICE = readFileSync(
	join(__dirname, '..', '..', 'examples', 'files', 'invoice.pdf'),
).toString('base64');
const START: NodeSketch = { name: 'Start', type: 'n8n-nodes-base.manualTrigger' };
const MAIL: NodeSketch = {
	name: 'Email',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: {
		jsCode: `return [{ json: { subject: 'Invoice', text: 'Please pay this invoice' }, binary: { attachment_0: { data: '${INVOICE}', mimeType: 'application/pdf', fileName: 'invoice.pdf' } } }];`,
	},
};
const dibby = (parameters: object): NodeSketch => ({
	name: 'Dibby',
	type: 'n8n-nodes-dibby.dibby',
	parameters: parameters as never,
});

let browser: Browser;
let page: Page;
beforeAll(async () => {
	browser = await launchBrowser();
}, 300_000);
afterAll(async () => await browser?.close());
beforeEach(async () => {
	page = await newPage(browser, real.client.session);
	page.setDefaultTimeout(20_000);
});
afterEach(async () => await page.context().close());

/** Saves a picture for the README, when the project `screenshots` asks for them. */
async function picture(
	name: string,
	part: Locator = page.locator('body'),
	crop: Crop = {},
): Promise<void> {
	if (process.env.SCREENSHOTS === undefined) return;
	// What pops up for some seconds would cover what the picture is about.
	await page.addStyleTag({ content: '.el-notification { display: none !important; }' });
	await page.waitForTimeout(800);
	await screenshot(part, join(__dirname, '..', '..', 'docs', 'images', `${name}.png`), crop);
}

const input = (name: string) =>
	page.getByTestId(`parameter-input-${name}`).locator('input').first();
const output = () => page.getByTestId('output-panel');
const canvas = () => page.getByTestId('canvas-wrapper').or(page.locator('.vue-flow')).first();

/** Opens a workflow and runs it, so that the node under test has an item to show. */
async function openAndRun(workflowId: string): Promise<void> {
	await openEditor(page, real.client.session, workflowId);
	await page.getByTestId('execute-workflow-button').first().click();
	await page.getByText('Workflow executed successfully').first().waitFor();
}

test('the settings take the package by its name', async () => {
	await page.goto(`${real.client.session.url}/settings/community-nodes`);
	await page
		.getByRole('button', { name: /Install/ })
		.first()
		.waitFor();
	await page
		.getByRole('button', { name: /Install/ })
		.first()
		.click();
	const dialog = page.getByTestId('communityPackageInstall-modal');
	await dialog.locator('input').first().fill('n8n-nodes-dibby');
	const install = dialog.getByTestId('install-community-package-button');
	expect(await install.isEnabled()).toBe(false);
	await dialog.getByTestId('user-agreement-checkbox').click();
	expect(await install.isEnabled()).toBe(true);
	await picture('install-package', dialog);
});

test('the nodes panel finds the node under the words that people search for', async () => {
	const { id } = await straightWorkflow(real, 'panel', [START, MAIL]);
	await openEditor(page, real.client.session, id);
	await page.getByTestId('canvas-handle-plus').last().click();
	for (const word of ['Dibby', 'document', 'ocr', 'extract', 'pdf', 'invoice']) {
		await page.getByTestId('node-creator-search-bar').fill(word);
		await page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: /^\s*Dibby\s*$/ })
			.first()
			.waitFor();
	}
});

test('from the panel to the result: add the node, choose the workflow, drag a field in, pick the file, execute', async () => {
	const { id } = await straightWorkflow(real, 'whole way', [START, MAIL]);
	await openAndRun(id);
	await page.getByTestId('canvas-handle-plus').last().click();
	await page.getByTestId('node-creator-search-bar').fill('Dibby');
	await page.getByTestId('node-creator-item-name').filter({ hasText: 'Dibby' }).first().click();
	await page.getByText('Run document workflow').first().click();
	await page.getByTestId('ndv').waitFor();
	expect(await page.getByTestId('node-credentials-select').innerText()).toBeDefined();

	// A sentence of the node names this choice.
	expect(await page.getByTestId('rlc-mode-selector').locator('input').inputValue()).toBe('By URL');
	const workflow = page.getByTestId('rlc-input').first();
	await workflow.fill(WORKFLOWS.echo.url);

	// Drag "text" from the input's schema into Inputs.
	await page.getByTestId('radio-button-schema').first().click();
	const field = page.getByTestId('ndv-input-panel').getByText('text', { exact: true }).first();
	const from = await field.boundingBox();
	await page.getByTestId('parameter-input-specifyInputs').locator('input').first().click();
	await page.getByText('Using Fields Below').last().click();
	const area = page.getByTestId('assignment-collection-drop-area');
	await area.scrollIntoViewIfNeeded();
	const to = await area.boundingBox();
	if (from === null || to === null) throw new Error('The field or the drop area is not to be seen');
	await page.mouse.move(from.x + 5, from.y + 5);
	await page.mouse.down();
	await page.mouse.move(to.x + to.width / 2, to.y + 20, { steps: 12 });
	await page.mouse.move(to.x + to.width / 2, to.y + 24, { steps: 4 });
	await page.mouse.up();
	await page.getByTestId('assignment-type-select').waitFor();

	// A new node has the first row.
	await input('inputName').fill('document');
	await input('binaryField').fill('attachment_0');
	await page.getByTestId('node-execute-button').first().click();
	await output().getByText('Please pay this invoice').first().waitFor();
	const run = [...real.sandbox.runs.values()].at(-1);
	expect(run?.inputs).toMatchObject({
		text: 'Please pay this invoice',
		document: { mediaType: 'application/pdf' },
	});
});

test('the result as a table, and its files', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'url', value: WORKFLOWS.invoice.url },
		documents: { rows: [{ inputName: 'document', binaryField: 'attachment_*', sendAs: 'single' }] },
	};
	const { id } = await straightWorkflow(real, 'table', [START, MAIL, dibby(parameters)]);
	await openAndRun(id);
	await picture('canvas', canvas(), { left: 380, top: 320, width: 720, height: 200 });
	await openNode(page, 'Dibby');
	await output().getByText('Northwind Office Supplies Ltd').first().waitFor();
	await picture('filled-node', page.getByTestId('ndv'));
	await picture('result-table', output(), { height: 410 });
});

test('documents in the result are shown as files', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'url', value: WORKFLOWS.report.url },
		specifyInputs: 'json',
		jsonInputs: '{ "title": "Quarter", "rows": [1, 2] }',
		waitForCompletion: true,
	};
	const { id } = await straightWorkflow(real, 'files', [START, dibby(parameters)]);
	await openAndRun(id);
	await openNode(page, 'Dibby');
	await output().getByTestId('radio-button-binary').click();
	await output().getByText('report.pdf').first().waitFor();
	await picture('result-files', output(), { height: 330 });
});

test('a later node is executed alone: no run is started again', async () => {
	const parameters = { workflow: { __rl: true, mode: 'url', value: WORKFLOWS.echo.url } };
	const later: NodeSketch = { name: 'Later', type: 'n8n-nodes-base.noOp' };
	const { id } = await straightWorkflow(real, 'later', [
		START,
		dibby({ ...parameters, specifyInputs: 'json', jsonInputs: '{ "title": "Quarter" }' }),
		later,
	]);
	await openAndRun(id);
	const runs = real.sandbox.runs.size;
	await openNode(page, 'Later');
	await page.getByTestId('node-execute-button').first().click();
	await page.getByText('Node executed successfully').first().waitFor();
	await output().getByText('Quarter').first().waitFor();
	expect(real.sandbox.runs.size).toBe(runs);
});

test('a failing run says what happened and what to do', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'url', value: WORKFLOWS.failing.url },
		waitForCompletion: true,
	};
	const { id } = await straightWorkflow(real, 'failing', [START, dibby(parameters)]);
	await openEditor(page, real.client.session, id);
	await page.getByTestId('execute-workflow-button').first().click();
	await page.getByText('The Dibby run failed after 2 of 5 steps').first().waitFor();
	await page
		.getByRole('alert')
		.first()
		.locator('[class*=close]')
		.first()
		.click()
		.catch(() => {});
	await openNode(page, 'Dibby');
	await output().getByText('The Dibby run failed after 2 of 5 steps').first().waitFor();
	await output()
		.getByText(/Open the run run_[\w-]+ in Dibby/)
		.first()
		.waitFor();
	await picture('failed-run', output(), { height: 390 });
});

test('the credential window: a token that is accepted, and one that is not', async () => {
	const { id } = await straightWorkflow(real, 'credential', [START, dibby({})]);
	await openEditor(page, real.client.session, id);
	await openNode(page, 'Dibby');
	await page.getByTestId('credential-edit-button').first().click();
	const modal = page.getByTestId('editCredential-modal');
	await modal.getByText(/Connection tested successfully/).waitFor();
	await input('token').fill('wrong');
	await modal.getByTestId('credential-save-button').click();
	await modal.getByText(/Couldn.t connect with these settings/).waitFor();
	await modal.getByText('More details').click();
	await page
		.getByText(/Dibby rejected this token/)
		.first()
		.waitFor();
	await input('token').fill(TOKEN);
	await modal.getByTestId('credential-save-button').click();
	await modal.getByText(/Connection tested successfully/).waitFor();
	// The picture shows what people enter, not where the local Dibby is. Nothing comes after it: n8n tests what is entered.
	await input('baseUrl').fill('https://dibby.ai/api');
	await picture('credential', modal, { height: 570 });
});

test('stopping an execution that waits: the sandbox gets no further poll', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'url', value: WORKFLOWS.approval.url },
		documents: { rows: [{ inputName: 'document', binaryField: 'attachment_0', sendAs: 'single' }] },
		waitForCompletion: true,
		options: { pollInterval: 0.2 },
	};
	const { id } = await straightWorkflow(real, 'stop', [START, MAIL, dibby(parameters)]);
	await openEditor(page, real.client.session, id);
	const polls = () => real.sandbox.requests.filter(({ method }) => method === 'GET').length;
	const before = polls();
	await page.getByTestId('execute-workflow-button').first().click();
	while (polls() < before + 3) await page.waitForTimeout(50);
	await page.getByTestId('stop-execution-button').click();
	await page.getByTestId('execute-workflow-button').first().waitFor();
	await page.waitForTimeout(300);
	const stopped = polls();
	await page.waitForTimeout(1000);
	expect(polls()).toBe(stopped);
	await canvasNode(page, 'Dibby').waitFor();
});

test('when nothing is waited for, the output says that the run goes on, and how its result is fetched', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'url', value: WORKFLOWS.invoice.url },
		documents: { rows: [{ inputName: 'document', binaryField: 'attachment_*', sendAs: 'single' }] },
		waitForCompletion: false,
	};
	const { id } = await straightWorkflow(real, 'not waiting', [START, MAIL, dibby(parameters)]);
	await openAndRun(id);
	await openNode(page, 'Dibby');
	await output().getByText('PENDING').first().waitFor();
	await output().getByText('Executing this node again starts another run').first().waitFor();
	await picture('not-waiting', output(), { height: 260 });
});

test('Wait for Completion is in sight in a window of 900 pixels, below Documents and Inputs', async () => {
	const { id } = await straightWorkflow(real, 'fold', [START, dibby({})]);
	await openEditor(page, real.client.session, id);
	await openNode(page, 'Dibby');
	const bottom = async (part: Locator) => {
		const box = await part.first().boundingBox();
		return (box?.y ?? 0) + (box?.height ?? 0);
	};
	const parameter = (name: string) => page.getByTestId(`parameter-input-${name}`);
	const documents = await bottom(page.getByText('Add Document', { exact: true }));
	const wait = await bottom(parameter('waitForCompletion'));
	// The part of the panel that scrolls ends above the window's edge.
	const fold = await bottom(page.locator('.node-parameters-wrapper'));
	expect(documents).toBeLessThan(await bottom(parameter('specifyInputs')));
	expect(wait).toBeGreaterThan(documents);
	expect(wait).toBeLessThan(fold - 24);
	expect(fold).toBeLessThanOrEqual(900);
});

test('a time limit of half a day can be entered, and shows no empty decimals', async () => {
	const { id } = await straightWorkflow(real, 'half a day', [
		START,
		dibby({ operation: 'getRun', whileWaiting: 'sleep' }),
	]);
	await openEditor(page, real.client.session, id);
	await openNode(page, 'Dibby');
	expect(await input('timeLimitDays').inputValue()).toBe('7');
	await input('timeLimitDays').fill('0.5');
	await input('timeLimitDays').blur();
	expect(await input('timeLimitDays').inputValue()).toBe('0.5');
});

test('a sleeping execution says what it waits for, and is shown as waiting in the list', async () => {
	const parameters = {
		workflow: { __rl: true, mode: 'url', value: WORKFLOWS.approval.url },
		documents: { rows: [{ inputName: 'document', binaryField: 'attachment_0', sendAs: 'single' }] },
		whileWaiting: 'sleep',
	};
	const { id } = await straightWorkflow(real, 'Contracts', [START, MAIL, dibby(parameters)]);
	await openEditor(page, real.client.session, id);
	await page.getByTestId('execute-workflow-button').first().click();
	const asleep = async () =>
		(await real.client.executions(id)).filter(({ status }) => status === 'waiting');
	while ((await asleep()).length < 2) await page.waitForTimeout(1_000);
	await openNode(page, 'Dibby');
	await output().getByText('The run continues in Dibby').first().waitFor();
	const execution = (await asleep()).at(-1)?.id;
	await page.goto(`${real.client.session.url}/workflow/${id}/executions/${execution}`);
	const entries = page.getByTestId('workflow-execution-list-item').or(page.getByText('Waiting'));
	await entries.first().waitFor();
	expect(await page.getByText('Waiting').count()).toBeGreaterThan(1);
	await picture('sleeping', page.locator('body'), { height: 620 });
	await real.client.stopExecution(execution ?? '');
}, 400_000);
