import { startSandbox } from '/work/w-panel/sandbox/dibby.cts';
import { N8nClient } from '/work/w-panel/sandbox/editor/client.cts';
import { installN8n } from '/work/w-panel/sandbox/editor/install.cts';
import { packProject } from '/work/w-panel/sandbox/editor/pack.cts';
import { startN8n } from '/work/w-panel/sandbox/editor/server.cts';
import { mkdtempSync, rmSync } from 'node:fs';

(async () => {
  const task = require(process.argv[2] as string);
  const folder = mkdtempSync('/tmp/panel/u-');
  const install = await installN8n();
  const { tarball } = await packProject();
  const TOKEN='tok-panel';
  const sandbox = await startSandbox({ token: TOKEN, stepMs: 100 });
  const n8n = await startN8n({ install, userFolder: folder + '/user', packageTarball: tarball, env: { N8N_RESTRICT_FILE_ACCESS_TO: folder + ';/work/w-panel/examples' } });
  try {
    const client = new N8nClient(n8n.url); await client.logIn();
    const credential = await client.createCredential('Dibby account', 'dibbyApi', { token: TOKEN, baseUrl: sandbox.url });
    await task.run({ client, credential, sandbox, n8n, folder });
  } catch (e) { console.error(e); } finally { await n8n.stop(); await sandbox.close(); rmSync(folder, { recursive: true, force: true }); process.exit(0); }
})();
