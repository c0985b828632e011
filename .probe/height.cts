import { launchBrowser, newPage, openEditor, openNode } from '/work/w-panel/sandbox/editor/browser.cts';
import { straightWorkflow } from '/work/w-panel/.probe/straight.cts';
export async function run(real: any) {
  const out = process.env.OUT ?? 'before';
  const browser = await launchBrowser();
  const page = await newPage(browser, real.client.session, { width: 1440, height: 900 });
  const { id } = await straightWorkflow(real, 'h', [{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' }, { name: 'Dibby', type: 'n8n-nodes-dibby.dibby', parameters: {} }]);
  await openEditor(page, real.client.session, id);
  await openNode(page, 'Dibby');
  await page.waitForTimeout(1500);
  for (const name of ['workflow','specifyInputs','fields','documents','waitForCompletion','timeLimit','output','options']) {
    const box = await page.getByTestId('parameter-input-' + name).first().boundingBox({ timeout: 1500 }).catch(() => null);
    const box2 = box ?? await page.locator(`[data-test-id*="${name}"]`).first().boundingBox({ timeout: 1500 }).catch(() => null);
    console.log(out, name, box2 && Math.round(box2.y), box2 && Math.round(box2.y + box2.height));
  }
  for (const text of ['Wait for Completion', 'Documents', 'Inputs', 'Options', 'Output']) {
    const b = await page.getByTestId('ndv').getByText(text, { exact: true }).first().boundingBox({ timeout: 1500 }).catch(() => null);
    console.log(out, 'label', text, b && Math.round(b.y + b.height));
  }
  await page.screenshot({ path: `/tmp/panel/${out}-panel.png` });
  await browser.close();
}
