import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { PROJECT_FOLDER } from './paths.cts';

/** TypeScript makes the JavaScript, gulp copies the icons and the codex file. */
const STEPS = [['typescript/bin/tsc'], ['gulp/bin/gulp.js', '--silent']];

/**
 * Makes dist/, which is what n8n loads; without npm, since that alone takes a second.
 *
 * @throws Error when a step fails; its own words are on the screen then
 */
export function build(): void {
	for (const [tool = '', ...parameters] of STEPS) {
		const { status } = spawnSync(
			process.execPath,
			[path.join(PROJECT_FOLDER, 'node_modules', tool), ...parameters],
			{ cwd: PROJECT_FOLDER, stdio: 'inherit' },
		);
		if (status !== 0) {
			throw new Error(`The project could not be built: ${tool} ended with ${status}`);
		}
	}
}
