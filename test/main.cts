import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const project = join(__dirname, '..');

/** Runs a program of the project with its output shown, and ends this one when it fails. */
function run(script: string, parameters: string[] = [], env: NodeJS.ProcessEnv = {}): void {
	const { status } = spawnSync(
		process.execPath,
		[join(project, 'node_modules', script), ...parameters],
		{
			cwd: project,
			stdio: 'inherit',
			env: { ...process.env, ...env },
		},
	);
	if (status !== 0) process.exit(status ?? 1);
}

/** Flags of this script, each with what it tells the tests. */
const FLAGS: Record<string, NodeJS.ProcessEnv> = {
	'--write-table': { FAULT_TABLE: 'write' },
	'--screenshots': { SCREENSHOTS: 'write' },
};

const parameters = process.argv.slice(2);
const flags = parameters.filter((parameter) => parameter in FLAGS);

// `npm test`: the tests run what n8n would load, so the package is built first.
run('typescript/bin/tsc');
run('gulp/bin/gulp.js', ['--silent']);
run(
	'jest/bin/jest.js',
	parameters.filter((parameter) => !flags.includes(parameter)),
	Object.assign({}, ...flags.map((flag) => FLAGS[flag])) as NodeJS.ProcessEnv,
);
