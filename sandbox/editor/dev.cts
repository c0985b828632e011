import { copyFileSync, mkdirSync, watch } from 'node:fs';
import path from 'node:path';
import { forgetCommunityPackage, packagesFolder } from './communityPackage.cts';
import { open, runCommand } from './open.cts';
import { PROJECT_FOLDER } from './paths.cts';
import { launchNode } from './processes.cts';
import { hasCode } from './userError.cts';

const ASSETS = /\.(svg|node\.json)$/;

// `npm run dev`: as `npm start`, and every change of the node's code, icons or codex is in n8n a moment
// later. The compiler writes straight into the package that n8n has loaded: with a link to the project
// instead, the node would use the project's own copy of n8n-workflow, and behave unlike at a user's.
runCommand(async () => {
	const editor = await open(process.argv.slice(2), {
		// n8n watches its community packages only in development mode.
		env: { NODE_ENV: 'development', N8N_DEV_RELOAD: 'true' },
		onLine: (line) => {
			if (line.includes('Hot reload')) console.log(`n8n: ${line}`);
		},
	});
	if (!editor) return;
	forgetCommunityPackage(editor.n8n.userFolder);
	const dist = path.join(
		packagesFolder(editor.n8n.userFolder),
		'node_modules',
		'n8n-nodes-dibby',
		'dist',
	);
	const compiler = launchNode(
		process.execPath,
		require.resolve('typescript/bin/tsc'),
		['--watch', '--preserveWatchOutput', '--noEmitOnError', 'false', '--outDir', dist],
		{ cwd: PROJECT_FOLDER, onLine: (line) => line.trim() && console.log(line) },
	);
	for (const folder of ['nodes', 'credentials']) watchAssets(folder, dist);
	await compiler.ended;
});

function watchAssets(folder: string, dist: string) {
	watch(path.join(PROJECT_FOLDER, folder), { recursive: true }, (_event, file) => {
		if (!file || !ASSETS.test(file)) return;
		const target = path.join(dist, folder, file);
		try {
			mkdirSync(path.dirname(target), { recursive: true });
			copyFileSync(path.join(PROJECT_FOLDER, folder, file), target);
			console.log(`${folder}/${file} copied`);
		} catch (error) {
			// An editor that saves by renaming has the file away for a moment; the next event finds it.
			if (!hasCode(error, 'ENOENT')) throw error;
		}
	});
}
