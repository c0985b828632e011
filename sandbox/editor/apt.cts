import { existsSync } from 'node:fs';
import { launch } from './processes.cts';
import { say } from './progress.cts';

/**
 * Installs packages of Debian, where this is a Debian and the user may install.
 * @param what what is installed, for the line that says so
 * @returns whether it was tried
 */
export async function aptInstall(what: string, packages: string[]): Promise<boolean> {
	if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
	say(`Installing ${what} with apt-get (takes about a minute) ...`);
	const apt = async (...args: string[]) =>
		await launch('apt-get', ['-qq', '-y', ...args], {
			cwd: '/',
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		}).ended;
	await apt('update');
	await apt('install', '--no-install-recommends', ...packages);
	return true;
}
