import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const project = join(__dirname, '..');
const require = createRequire(__filename);

/** Runs a program of the project with its output shown, and ends this one when it fails. */
function run(script: string, parameters: string[], env: NodeJS.ProcessEnv = {}): void {
	const { status } = spawnSync(process.execPath, [script, ...parameters], {
		cwd: project,
		stdio: 'inherit',
		env: { ...process.env, ...env },
	});
	if (status !== 0) process.exit(status ?? 1);
}

// `npm test`: the tests run what n8n would load, so the package is built first.
run(require.resolve('typescript/bin/tsc'), []);
run(require.resolve('gulp/bin/gulp.js'), ['--silent']);
run(require.resolve('jest/bin/jest'), process.argv.slice(2), { N8N_LOG_LEVEL: 'silent' });
