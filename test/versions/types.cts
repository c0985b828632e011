import path from 'node:path';

import ts from 'typescript';

import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';
import type { InstalledCore } from './install.cts';

/**
 * Checks the node's code with the types of another n8n.
 *
 * @returns the type checker's errors, one line each; none when the code is correct there
 */
export function typeErrors({ folder }: InstalledCore): string[] {
	const config = ts.readConfigFile(path.join(PROJECT_FOLDER, 'tsconfig.json'), (file) =>
		ts.sys.readFile(file),
	);
	const { options, fileNames } = ts.parseJsonConfigFileContent(
		config.config,
		ts.sys,
		PROJECT_FOLDER,
	);
	const program = ts.createProgram(fileNames, {
		...options,
		noEmit: true,
		paths: { 'n8n-workflow': [path.join(folder, 'node_modules', 'n8n-workflow')] },
	});
	return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
		const where = file === undefined ? '' : `${path.relative(PROJECT_FOLDER, file.fileName)}: `;
		return `${where}${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
	});
}
