import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { installCommunityPackage } from './communityPackage.cts';
import { type Installed, installN8n } from './install.cts';
import { type Ending, envWithout, launchNode } from './processes.cts';
import { UserError } from './userError.cts';

const LOOK_AGAIN_MS = 100;
const READY_TIMEOUT_MS = 600_000;
const SHOWN_LINES = 25;

/** What is set in the developer's shell for another n8n, or by a test runner, must not change this one. */
const FOREIGN =
	/^(N8N_|DB_|QUEUE_|EXECUTIONS_|NODES_|WEBHOOK_|npm_|NODE_ENV$|NODE_OPTIONS$|NODE_PATH$|JEST_)/;

export interface N8nOptions {
	/** From `installN8n`. Default: the default version, installed when it is not there. */
	install?: Installed;
	/** Settings, database and installed packages of this instance; no two instances may share one at a time. */
	userFolder: string;
	/** Default: a free one. */
	port?: number;
	/** More environment variables, or others: they win. */
	env?: Record<string, string>;
	/** A packed community package to install before the start. */
	packageTarball?: string;
	/** `start` (editor, webhooks, executions), or `worker` of queue mode, for which `url` is its health check. */
	command?: 'start' | 'worker';
	args?: string[];
	onLine?: (line: string) => void;
}

/** A running n8n. */
export interface RunningN8n {
	url: string;
	port: number;
	/** The n8n process itself, for measuring its memory. */
	pid: number;
	install: Installed;
	userFolder: string;
	/** Output so far, the last 5000 lines. */
	logs: () => string;
	/** Ends n8n and everything it started; resolves when all of it is gone. */
	stop: () => Promise<void>;
	/** Resolves when n8n ends, stopped or by itself. */
	ended: Promise<Ending>;
}

/**
 * Starts n8n and resolves when it is ready to work. It listens on this machine only, and ends with this
 * process however that ends.
 * @throws {UserError} with n8n's last lines when it ends early or isn't ready within ten minutes
 */
export async function startN8n(options: N8nOptions): Promise<RunningN8n> {
	const install = options.install ?? (await installN8n());
	const { userFolder, packageTarball, command = 'start' } = options;
	mkdirSync(userFolder, { recursive: true });
	if (packageTarball) await installCommunityPackage(userFolder, packageTarball, install.node);
	const port = options.port ?? (await getPort());
	const url = `http://127.0.0.1:${port}`;
	const child = launchNode(install.node, install.folders.bin, [command, ...(options.args ?? [])], {
		// Away from the project: n8n reads a .env file where it is started.
		cwd: userFolder,
		env: {
			...envWithout(FOREIGN),
			...settings(userFolder, port, await getPort(), command),
			...options.env,
		},
		...(options.onLine ? { onLine: options.onLine } : {}),
	});
	const logs = () => child.lines().join('\n');
	const deadline = Date.now() + READY_TIMEOUT_MS;
	while (!(await isReady(url))) {
		const late = Date.now() > deadline;
		if (child.hasEnded() || late) {
			await child.stop();
			const last = child.lines().slice(-SHOWN_LINES).join('\n');
			const what = late ? 'was not ready after ten minutes' : 'ended while starting';
			throw new UserError(`n8n ${install.version} ${what}. Its last lines:\n${last}`);
		}
		await sleep(LOOK_AGAIN_MS);
	}
	const stop = async () => await child.stop();
	return { url, port, pid: child.pid, install, userFolder, logs, stop, ended: child.ended };
}

async function isReady(url: string): Promise<boolean> {
	try {
		const answer = await fetch(`${url}/healthz/readiness`, { signal: AbortSignal.timeout(2000) });
		await answer.arrayBuffer();
		return answer.ok;
	} catch {
		// Nobody listens yet.
		return false;
	}
}

function settings(userFolder: string, port: number, brokerPort: number, command: string) {
	return {
		NODE_ENV: 'production',
		N8N_USER_FOLDER: userFolder,
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		// Browsers send a secure cookie over https only.
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		...(command === 'worker'
			? { QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port) }
			: {}),
	};
}
