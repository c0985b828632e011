import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { type Installed, installN8n } from './install.cts';
import { npm } from './npm.cts';
import { type Ending, envWithout, launchNode } from './processes.cts';
import { UserError } from './userError.cts';

const POLL_MS = 100;
const READY_TIMEOUT_MS = 600_000;
const SHOWN_LINES = 25;
const WORKER = { QUEUE_HEALTH_CHECK_ACTIVE: 'true' };

/** Settings for another n8n in the developer's shell, or a test runner's, which must not change this one. */
const FOREIGN =
	/^(N8N_|DB_|QUEUE_|EXECUTIONS_|NODES_|WEBHOOK_|npm_|NODE_ENV$|NODE_OPTIONS$|NODE_PATH$|JEST_)/;

export interface N8nOptions {
	/** Default: the default version, installed if it's missing. */
	install?: Installed;
	/** Settings, database, and installed packages. Two running instances can't share one. */
	userFolder: string;
	/** Default: any free port. */
	port?: number;
	/** More environment variables. */
	env?: Record<string, string>;
	/** A packed community package to install first. */
	packageTarball?: string;
	/** `worker` for queue mode. */
	command?: 'start' | 'worker';
	args?: string[];
	onLine?: (line: string) => void;
}

/** A running n8n. */
export interface RunningN8n {
	/** Of the editor, or of a worker's health check. */
	url: string;
	port: number;
	/** The n8n process; its negative value is the process group with everything that n8n started. */
	pid: number;
	install: Installed;
	userFolder: string;
	/** The last lines of its output. */
	logs: () => string;
	stop: () => Promise<void>;
	ended: Promise<Ending>;
}

/**
 * Starts n8n and waits until it's ready. It listens on this machine only, and ends with this process.
 *
 * @throws {UserError} with n8n's last lines, if it ends or isn't ready within ten minutes
 */
export async function startN8n(options: N8nOptions): Promise<RunningN8n> {
	const { userFolder, packageTarball, onLine, command = 'start', args = [] } = options;
	const install = options.install ?? (await installN8n());
	mkdirSync(userFolder, { recursive: true });
	if (packageTarball) await installPackage(userFolder, packageTarball);
	const port = options.port ?? (await getPort());
	const url = `http://127.0.0.1:${port}`;
	const child = launchNode(install.node, install.bin, [command, ...args], {
		// n8n reads a .env file from its working folder.
		cwd: userFolder,
		env: {
			...envWithout(FOREIGN),
			NODE_ENV: 'production',
			N8N_USER_FOLDER: userFolder,
			N8N_PORT: String(port),
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(await getPort()),
			// Browsers send secure cookies over HTTPS only.
			N8N_SECURE_COOKIE: 'false',
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_TEMPLATES_ENABLED: 'false',
			N8N_PERSONALIZATION_ENABLED: 'false',
			...(command === 'worker' ? { ...WORKER, QUEUE_HEALTH_CHECK_PORT: String(port) } : {}),
			...options.env,
		},
		onLine,
	});
	// Not wait-on: it can't stop when n8n ends, and brings axios, joi, and rxjs.
	const deadline = Date.now() + READY_TIMEOUT_MS;
	for (; !(await isReady(url)); await sleep(POLL_MS)) {
		if (!child.hasEnded() && Date.now() < deadline) continue;
		await child.stop();
		const lines = child.lines().slice(-SHOWN_LINES).join('\n');
		throw new UserError(`n8n ${install.version} did not start. Its last lines:\n${lines}`);
	}
	const { pid, ended } = child;
	const logs = () => child.lines().join('\n');
	return { url, port, pid, install, userFolder, logs, stop: async () => await child.stop(), ended };
}

async function isReady(url: string): Promise<boolean> {
	try {
		const response = await fetch(`${url}/healthz/readiness`, { signal: AbortSignal.timeout(2000) });
		await response.arrayBuffer();
		return response.ok;
	} catch {
		return false;
	}
}

/** The folder of the community packages in a user folder. */
export const packagesFolder = (userFolder: string) => path.join(userFolder, '.n8n', 'nodes');

/** Installs a packed package like n8n does: without the peer `n8n-workflow`, which n8n provides, and without scripts. */
async function installPackage(userFolder: string, tarball: string): Promise<void> {
	const folder = packagesFolder(userFolder);
	// npm would keep a package with the same version.
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const manifest = '{ "name": "installed-nodes", "private": true }';
	writeFileSync(path.join(folder, 'package.json'), manifest);
	const flags = ['--legacy-peer-deps', '--ignore-scripts', '--prefer-offline'];
	const failure = 'The node could not be installed into n8n';
	await npm(['install', ...flags, tarball], { cwd: folder, failure });
}
