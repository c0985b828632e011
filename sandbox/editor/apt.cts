import { existsSync } from 'node:fs';
import execa from 'execa';
import { say } from './progress.cts';

/** Installs Debian packages if this is Debian and the user may install. */
export async function aptInstall(what: string, packages: string[]): Promise<void> {
	if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
	say(`Installing ${what} with apt-get (takes about a minute) ...`);
	const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, reject: false };
	const apt = async (...args: string[]) => await execa('apt-get', ['-qq', '-y', ...args], options);
	await apt('update');
	await apt('install', '--no-install-recommends', ...packages);
}
