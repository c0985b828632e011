import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { envWithout, launchNode } from './processes.cts';
import { UserError } from './userError.cts';

/** An npm that runs inside `npm run` must not take the outer one's package and script for its own. */
const OUTER_NPM = /^npm_(package|lifecycle|command|config_(local_prefix|prefix))|^INIT_CWD$/i;

export interface NpmOptions {
	/** The folder npm works in: it must have its own package.json, or npm walks up to another one. */
	cwd: string;
	/** What the command is for, in a sentence such as "n8n 2.40.7 could not be installed". */
	failure: string;
	/** More environment variables. */
	env?: NodeJS.ProcessEnv;
	/** The Node that runs npm. Default: the one running this. */
	node?: string;
}

/**
 * Runs npm and resolves with what it printed.
 * @throws {UserError} that says what went wrong: no network, unknown version, disk full, or npm's last lines
 */
export async function npm(args: string[], options: NpmOptions): Promise<string> {
	const child = launchNode(options.node ?? process.execPath, findNpm(), args, {
		cwd: options.cwd,
		env: { ...envWithout(OUTER_NPM), ...options.env },
	});
	const { code } = await child.ended;
	const output = child.lines().join('\n');
	if (code !== 0) throw new UserError(explainFailure(options.failure, output));
	return output;
}

/** npm's own script, so that it runs without a shell and under a Node of our choice. */
function findNpm(): string {
	const node = path.dirname(process.execPath);
	const onPath = (process.env.PATH ?? '')
		.split(path.delimiter)
		.map((folder) => path.join(folder, 'npm'))
		.find((file) => existsSync(file));
	const candidates = [
		process.env.npm_execpath,
		path.join(node, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		path.join(node, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		onPath && realpathSync(onPath),
	];
	const found = candidates.find((file) => file?.endsWith('npm-cli.js') && existsSync(file));
	if (found) return found;
	throw new UserError('npm was not found beside Node. Install npm, then run this again.');
}

/** What npm's output means, for someone who does not read npm's output. */
export function explainFailure(failure: string, output: string): string {
	const network =
		/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;
	const unreached = network.exec(output);
	if (unreached) {
		return `${failure}: the npm registry could not be reached (${unreached[1]}). Check the network and npm's proxy settings, then run this again.`;
	}
	if (/\bENOSPC\b/.test(output)) {
		return `${failure}: the disk is full. Free some space, then run this again.`;
	}
	const missing =
		/No matching version found for (\S+?)\.?(?:\s|$)|'(\S+)' is not in this registry|404\s+Not Found - GET \S+\/(\S+) -/.exec(
			output,
		);
	if (missing) {
		return `${failure}: the npm registry has no ${missing[1] ?? missing[2] ?? missing[3]}. Choose another version.`;
	}
	const lines = output.split('\n').filter((line) => line.trim() !== '');
	return `${failure}. npm's last lines:\n${lines.slice(-12).join('\n')}`;
}
