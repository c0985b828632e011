import path from 'node:path';
import { open, runCommand } from './open.cts';
import { PROJECT_FOLDER } from './paths.cts';
import { launchNode } from './processes.cts';
import { say } from './progress.cts';
import { packagesFolder } from './server.cts';

/**
 * `npm run dev`: `npm start`, and n8n reloads the node when its code changes. The compiler writes into the package that n8n
 * has installed. `n8n-node dev` isn't used: it links the project as a custom node, which n8n calls `CUSTOM.dibby`, so the
 * examples don't find it; it clears the terminal; and it runs the newest n8n.
 */
runCommand(async () => {
	const n8n = await open({
		// n8n watches community packages in development mode only.
		env: { NODE_ENV: 'development', N8N_DEV_RELOAD: 'true' },
		onLine: (line) => {
			if (line.includes('Hot reload')) say(`n8n: ${line}`);
		},
	});
	const installed = path.join(packagesFolder(n8n.userFolder), 'node_modules', 'n8n-nodes-dibby');
	const tsc = require.resolve('typescript/bin/tsc');
	const output = ['--noEmitOnError', 'false', '--outDir', path.join(installed, 'dist')];
	await launchNode(process.execPath, tsc, ['--watch', '--preserveWatchOutput', ...output], {
		cwd: PROJECT_FOLDER,
		onLine: (line) => line.trim() && say(line),
	}).ended;
});
