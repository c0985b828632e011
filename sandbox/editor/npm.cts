import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import execa from 'execa';
import { envWithout } from './processes.cts';
import { UserError } from './userError.cts';

/** Variables of an outer `npm run`, which would change what an inner npm does. */
const OUTER_NPM = /^npm_(package|lifecycle|command|config_(local_prefix|prefix))|^INIT_CWD$/i;

const SHOWN_LINES = 12;

export interface NpmOptions {
	/** A folder with its own package.json; without one, npm uses a parent folder's. */
	cwd: string;
	/** What failed, for the error: "n8n 2.40.7 could not be installed". */
	failure: string;
	/** More environment variables. */
	env?: NodeJS.ProcessEnv;
}

/**
 * Runs npm.
 *
 * @returns what it printed to stdout
 * @throws {UserError} with npm's last lines
 */
export async function npm(args: string[], options: NpmOptions): Promise<string> {
	const { failed, stdout, all } = await execa('npm', args, {
		cwd: options.cwd,
		env: { ...envWithout(OUTER_NPM), ...options.env },
		extendEnv: false,
		all: true,
		reject: false,
	});
	if (!failed) return stdout;
	const lines = (all ?? '').split('\n').slice(-SHOWN_LINES).join('\n');
	throw new UserError(`${options.failure}. npm's last lines:\n${lines}`);
}

/** Whether `installInto` has completed in a folder: npm writes this file last. */
export const isInstalled = (folder: string) =>
	existsSync(path.join(folder, 'node_modules', '.package-lock.json'));

/** Installs a package into a folder of its own, without running any scripts. */
export async function installInto(folder: string, name: string, flags: string[] = []) {
	rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
	await npm(['install', '--ignore-scripts', '--loglevel=error', ...flags, name], {
		cwd: folder,
		failure: `${name} could not be installed`,
	});
}
