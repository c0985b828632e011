import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser, Locator, Page } from 'playwright-core';

import { animate } from '../../sandbox/editor/animate.cts';
import {
	type Crop,
	launchBrowser,
	newPage,
	openEditor,
	openNode,
	screenshot,
} from '../../sandbox/editor/browser.cts';
import { EXAMPLES_FOLDER } from '../../sandbox/editor/examples.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch } from './realN8n.cts';
import { straightWorkflow, TOKEN, useRealN8n } from './realN8n.cts';
import { dibby, document, manual } from './sketches.cts';

const real = useRealN8n();
const INVOICE = readFileSync(join(EXAMPLES_FOLDER, 'files', 'invoice.pdf')).toString('base64');
/** Stands in for a trigger that gives an item with a file. */
const received = (name: string, field: string): NodeSketch => ({
	name,
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: {
		jsCode: `return [{ json: { subject: 'Invoice', text: 'Please pay this invoice' }, binary: { ${field}: { data: '${INVOICE}', mimeType: 'application/pdf', fileName: 'invoice.pdf' } } }];`,
	},
});
const MAIL = received('Email', 'attachment_0');
const FORM = received('Form', 'data');
/** Trigger Run of a workflow with the parameters of a new node. */
const run = ({ url }: { url: string }, parameters: object = {}) =>
	dibby({ workflow: { __rl: true, mode: 'url', value: url }, ...parameters });

let browser: Browser;
let page: Page;
beforeAll(async () => {
	browser = await launchBrowser();
}, 300_000);
afterAll(async () => await browser?.close());
beforeEach(async () => {
	page = await newPage(browser, real.client.session);
});
afterEach(async () => await page.context().close());

const imagePath = (name: string) => join(__dirname, '..', '..', 'docs', 'images', name);

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
	await screenshot(part, imagePath(`${name}.png`), crop);
}

const input = (name: string) =>
	page.getByTestId(`parameter-input-${name}`).locator('input').first();
const output = () => page.getByTestId('output-panel');
const canvas = () => page.getByTestId('canvas-wrapper').or(page.locator('.vue-flow')).first();

const at = (id: string) => page.getByTestId(id).first();
const isShown = async (text: string | RegExp, part: Page | Locator = output()) =>
	await part.getByText(text).first().waitFor();

/** Opens a new workflow of a manual trigger and these nodes. */
async function open(name: string, ...sketches: NodeSketch[]): Promise<string> {
	const { id } = await straightWorkflow(real, name, [manual, ...sketches]);
	await openEditor(page, real.client.session, id);
	return id;
}

/** Opens a workflow and runs it, so that the node under test has an item to show. */
async function openAndRun(name: string, ...sketches: NodeSketch[]): Promise<void> {
	await open(name, ...sketches);
	await execute('execute-workflow-button', 'Workflow executed successfully');
}

/** Executes with a button. Before the editor has the results it says that it is done, and ignores the next click. */
async function execute(button: string, done: string): Promise<void> {
	const results = page.waitForResponse(/\/rest\/executions\/\d+$/);
	await at(button).click();
	await isShown(done, page);
	await results;
}

test('the settings take the package by its name', async () => {
	await page.goto(`${real.client.session.url}/settings/community-nodes`);
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
	await open('panel', MAIL);
	await page.getByTestId('canvas-handle-plus').last().click();
	for (const word of ['Dibby', 'document', 'ocr', 'extract', 'pdf', 'invoice']) {
		await page.getByTestId('node-creator-search-bar').fill(word);
		const found = page.getByTestId('node-creator-item-name');
		await found
			.filter({ hasText: /^\s*Dibby\s*$/ })
			.first()
			.waitFor();
	}
});

/** What a user does until the first result: one click, typed text, or pasted text each. */
class Actions {
	count = 0;

	private readonly frames: Buffer[] = [];

	async do(action: () => Promise<void>): Promise<void> {
		await action();
		this.count++;
		await this.film();
	}

	/** Takes a frame of the animated picture for the README. */
	async film(): Promise<void> {
		if (process.env.SCREENSHOTS === undefined) return;
		await page.waitForTimeout(500);
		this.frames.push(await page.screenshot({ scale: 'css', caret: 'hide' }));
	}

	save(name: string): void {
		if (this.frames.length > 0) writeFileSync(imagePath(`${name}.gif`), animate(this.frames));
	}
}

test('the first run, as the README has it: seven actions, one execution, one run', async () => {
	const actions = new Actions();
	const runs = real.sandbox.runs.size;
	await openAndRun('first run', FORM);
	await actions.film();
	await actions.do(async () => await page.getByTestId('canvas-handle-plus').last().click());
	await actions.do(async () => await page.getByTestId('node-creator-search-bar').fill('Dibby'));
	const found = page.getByTestId('node-creator-item-name').filter({ hasText: 'Dibby' });
	await actions.do(async () => await found.first().click());
	await actions.do(async () => await page.getByText('Run document workflow').first().click());
	await page.getByTestId('ndv').waitFor();
	await page.locator('[data-node-name="Run document workflow"]').first().waitFor();
	// The only credential is selected already. A sentence of the node names this choice.
	expect(await page.getByTestId('node-credentials-select').innerText()).toBeDefined();
	expect(await page.getByTestId('rlc-mode-selector').locator('input').inputValue()).toBe('By URL');
	await actions.do(async () => await at('rlc-input').fill(WORKFLOWS.invoice.url));
	// A new node has the first row, for the file in `data`.
	await actions.do(async () => await input('inputName').fill('document'));
	await actions.do(async () => await at('node-execute-button').click());
	await isShown('Northwind Office Supplies Ltd');
	await actions.film();
	expect(actions.count).toBe(7);
	expect(real.sandbox.runs.size).toBe(runs + 1);
	actions.save('first-run');
});

test('a field is dragged from the item into Inputs', async () => {
	await openAndRun('dragging', MAIL, run(WORKFLOWS.echo, document('document', 'attachment_0')));
	await openNode(page, 'Dibby');
	await at('radio-button-schema').click();
	const field = page.getByTestId('ndv-input-panel').getByText('text', { exact: true }).first();
	const from = await field.boundingBox();
	await input('specifyInputs').click();
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
	await at('node-execute-button').click();
	await isShown('Please pay this invoice');
	expect([...real.sandbox.runs.values()].at(-1)?.inputs).toMatchObject({
		text: 'Please pay this invoice',
		document: { mediaType: 'application/pdf' },
	});
});

test('the result as a table, and its files', async () => {
	const step = run(WORKFLOWS.invoice, document('document', 'attachment_*'));
	await openAndRun('table', MAIL, step);
	await picture('canvas', canvas(), { left: 380, top: 320, width: 720, height: 200 });
	await openNode(page, 'Dibby');
	await isShown('Northwind Office Supplies Ltd');
	await picture('filled-node', page.getByTestId('ndv'));
	await picture('result-table', output(), { height: 410 });
});

test('documents in the result are shown as files', async () => {
	const jsonInputs = '{ "title": "Quarter", "rows": [1, 2] }';
	await openAndRun('files', run(WORKFLOWS.report, { specifyInputs: 'json', jsonInputs }));
	await openNode(page, 'Dibby');
	await output().getByTestId('radio-button-binary').click();
	await isShown('report.pdf');
	await picture('result-files', output(), { height: 330 });
});

test('a later node is executed alone: no run is started again', async () => {
	const json = { specifyInputs: 'json', jsonInputs: '{ "title": "Quarter" }' };
	const later: NodeSketch = { name: 'Later', type: 'n8n-nodes-base.noOp' };
	await openAndRun('later', run(WORKFLOWS.echo, json), later);
	const runs = real.sandbox.runs.size;
	await openNode(page, 'Later');
	await execute('node-execute-button', 'Node executed successfully');
	await isShown('Quarter');
	expect(real.sandbox.runs.size).toBe(runs);
});

test('a failing run says what happened and what to do', async () => {
	const FAILED = 'The Dibby run failed after 2 of 5 steps';
	await open('failing', run(WORKFLOWS.failing));
	await at('execute-workflow-button').click();
	await isShown(FAILED, page);
	const close = page.getByRole('alert').first().locator('[class*=close]').first();
	await close.click().catch(() => {});
	await openNode(page, 'Dibby');
	await isShown(FAILED);
	await isShown(/Open the run run_[\w-]+ in Dibby/);
	await picture('failed-run', output(), { height: 390 });
});

test('the credential window: a token that is accepted, and one that is not', async () => {
	await open('credential', dibby({}));
	await openNode(page, 'Dibby');
	await at('credential-edit-button').click();
	const modal = page.getByTestId('editCredential-modal');
	await modal.getByText(/Connection tested successfully/).waitFor();
	await input('token').fill('wrong');
	await modal.getByTestId('credential-save-button').click();
	await modal.getByText(/Couldn.t connect with these settings/).waitFor();
	await modal.getByText('More details').click();
	await isShown(/Dibby rejected the token/, page);
	await input('token').fill(TOKEN);
	await modal.getByTestId('credential-save-button').click();
	await modal.getByText(/Connection tested successfully/).waitFor();
	// The picture shows what people enter, not where the local Dibby is. Nothing comes after it: n8n tests what is entered.
	await input('baseUrl').fill('https://dibby.ai/api');
	await picture('credential', modal, { height: 570 });
});

test('when nothing is waited for, the output says that the run goes on, and how its result is fetched', async () => {
	const given = { ...document('document', 'attachment_*'), waitForCompletion: false };
	await openAndRun('not waiting', MAIL, run(WORKFLOWS.invoice, given));
	await openNode(page, 'Dibby');
	await isShown('PENDING');
	await isShown('Executing this node again starts another run');
	await picture('not-waiting', output(), { height: 260 });
});

test('Wait for Completion is in sight in a window of 900 pixels, below Documents and Inputs', async () => {
	await open('fold', dibby({}));
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
	await open('half a day', dibby({ operation: 'getRun', whileWaiting: 'sleep' }));
	await openNode(page, 'Dibby');
	expect(await input('timeLimitDays').inputValue()).toBe('7');
	await input('timeLimitDays').fill('0.5');
	await input('timeLimitDays').blur();
	expect(await input('timeLimitDays').inputValue()).toBe('0.5');
});

test('a sleeping execution says what it waits for, and is shown as waiting in the list', async () => {
	const given = { ...document('document', 'attachment_0'), whileWaiting: 'sleep' };
	const id = await open('Contracts', MAIL, run(WORKFLOWS.approval, given));
	await at('execute-workflow-button').click();
	const asleep = async () =>
		(await real.client.executions(id)).filter(({ status }) => status === 'waiting');
	while ((await asleep()).length < 2) await page.waitForTimeout(1_000);
	await openNode(page, 'Dibby');
	await isShown('The run continues in Dibby');
	const execution = (await asleep()).at(-1)?.id;
	await page.goto(`${real.client.session.url}/workflow/${id}/executions/${execution}`);
	const entries = page.getByTestId('workflow-execution-list-item').or(page.getByText('Waiting'));
	await entries.first().waitFor();
	expect(await page.getByText('Waiting').count()).toBeGreaterThan(1);
	await picture('sleeping', page.locator('body'), { height: 620 });
	await real.client.stopExecution(execution ?? '');
}, 400_000);
