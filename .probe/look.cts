import { launchBrowser, newPage, openEditor, openNode } from '/work/w-panel/sandbox/editor/browser.cts';
import { straightWorkflow } from '/work/w-panel/.probe/straight.cts';
import { mkdirSync, writeFileSync } from 'node:fs';
export async function run(real: any) {
  const d = real.folder + '/user/.n8n/nodes/node_modules/n8n-nodes-dibby/dist/nodes/Dibby/__schema__/v1.0.0';
  mkdirSync(d, { recursive: true });
  writeFileSync(d + '/triggerRun.json', JSON.stringify({ type: 'object', properties: { dibbyRunId: { type: 'string' } }, version: 1 }));
  const r = await fetch(real.n8n.url + '/schemas/n8n-nodes-dibby.dibby/1.0.0/triggerRun.json');
  console.log('schema', r.status, (await r.text()).slice(0, 120));
  const browser = await launchBrowser();
  const page = await newPage(browser, real.client.session, { width: 1440, height: 900 });
  const asked: string[] = [];
  page.on('request', (q: any) => { if (q.url().includes('/schemas/')) asked.push(q.url()); });
  const { id } = await straightWorkflow(real, 'h', [{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' }, { name: 'Dibby', type: 'n8n-nodes-dibby.dibby', parameters: { operation: 'triggerRun' } }, { name: 'Set', type: 'n8n-nodes-base.set', typeVersion: 3.4 }]);
  await openEditor(page, real.client.session, id);
  await openNode(page, 'Set'); await page.waitForTimeout(2500);
  console.log('asked', asked);
  await page.screenshot({ path: '/tmp/panel/schema.png' });
  await page.keyboard.press('Escape');
  await openNode(page, 'Dibby'); await page.waitForTimeout(1000);
  for (const name of ['workflow','specifyInputs','fields','waitForCompletion']) {
    const box = await page.getByTestId('parameter-input-' + name).first().boundingBox({ timeout: 1500 }).catch(() => null);
    console.log('after', name, box && Math.round(box.y), box && Math.round(box.y + box.height));
  }
  const doc = await page.getByText('Add Document', { exact: true }).first().boundingBox(); console.log('after Add Document', doc && Math.round(doc.y));
  const ndv = await page.getByTestId('ndv').boundingBox(); console.log('ndv bottom', ndv && Math.round(ndv.y + ndv.height));
  await page.screenshot({ path: '/tmp/panel/after-panel.png' });
  await page.keyboard.press('Escape');
  const c = { dibbyApi: { id: real.credential.id, name: real.credential.name } };
  const w = await real.client.createWorkflow({ name: 'a', settings: {}, nodes: [
    { id: '1', name: 'Agent', type: '@n8n/n8n-nodes-langchain.agent', typeVersion: 3, position: [0, 0], parameters: {} },
    { id: '2', name: 'Tool', type: 'n8n-nodes-dibby.dibbyTool', typeVersion: 1, position: [100, 220], parameters: { operation: 'triggerRun', options: { agentAnswerLimit: 2000 } }, credentials: c } ],
    connections: { Tool: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] } } });
  await openEditor(page, real.client.session, w.id);
  await openNode(page, 'Tool'); await page.waitForTimeout(1000);
  await page.getByTestId('parameter-input-agentAnswerLimit').first().scrollIntoViewIfNeeded({ timeout: 3000 }).catch((e: any) => console.log('option not shown', String(e).slice(0, 100)));
  console.log('tool panel text', (await page.getByTestId('ndv').innerText()).replace(/\n+/g, ' | ').slice(0, 900));
  await page.screenshot({ path: '/tmp/panel/tool.png' });
  await browser.close();
}
