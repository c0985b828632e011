import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import execa from 'execa';
import getPort from 'get-port';

import { aptInstall } from '../../sandbox/editor/apt.cts';
import { launch } from '../../sandbox/editor/processes.cts';
import type { Launched } from '../../sandbox/editor/processes.cts';
import { UserError } from '../../sandbox/editor/userError.cts';

const READY_TIMEOUT_MS = 120_000;
const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** An empty Redis and an empty PostgreSQL. */
export interface Services {
	/** Environment variables for n8n. */
	env: Record<string, string>;
	stop: () => Promise<void>;
}

/**
 * Starts what n8n's queue mode needs, and installs it first on Debian as root.
 *
 * @param folder for the database
 * @throws {UserError} if they can't be installed or started
 */
export async function startServices(folder: string): Promise<Services> {
	if (!(await areInstalled()))
		await aptInstall('Redis and PostgreSQL', ['redis-server', 'postgresql']);
	if (!(await areInstalled())) {
		throw new UserError(
			'Queue mode needs Redis and PostgreSQL. Install them (on Debian: apt-get install redis-server postgresql), and run this again.',
		);
	}
	const redisPort = String(await getPort());
	const options = ['--bind', '127.0.0.1', '--save', '', '--dir', folder];
	const redis = launch('redis-server', ['--port', redisPort, ...options], { cwd: folder });
	await untilReady(redis, 'redis-cli', ['-p', redisPort, 'ping']);
	const postgresPort = String(await getPort());
	const postgres = await startPostgres(join(folder, 'postgres'), postgresPort);
	return {
		env: {
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: redisPort,
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: postgresPort,
			DB_POSTGRESDB_USER: 'n8n',
			DB_POSTGRESDB_DATABASE: 'postgres',
		},
		stop: async () => {
			await Promise.all([redis.stop(), postgres.stop()]);
		},
	};
}

async function startPostgres(data: string, port: string): Promise<Launched> {
	mkdirSync(data);
	// PostgreSQL doesn't run as root.
	const asUser = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : ['env'];
	if (asUser[0] === 'runuser') chownSync(data, await idOf('-u'), await idOf('-g'));
	const run = (program: string, ...args: string[]) => {
		const [command = '', ...more] = [...asUser, join(postgresFolder(), program)];
		return launch(command, [...more, '-D', data, ...args], { cwd: data });
	};
	const init = run('initdb', '-A', 'trust', '-U', 'n8n', '-E', 'UTF8', '--no-sync');
	if ((await init.ended).code !== 0) throw new UserError(init.lines().join('\n'));
	const settings = ['-c', 'unix_socket_directories=', '-c', 'max_connections=200'];
	const server = run('postgres', '-h', '127.0.0.1', '-p', port, ...settings);
	await untilReady(server, join(postgresFolder(), 'pg_isready'), ['-h', '127.0.0.1', '-p', port]);
	return server;
}

async function untilReady(server: Launched, program: string, args: string[]): Promise<void> {
	const deadline = Date.now() + READY_TIMEOUT_MS;
	while (!(await works(program, args))) {
		if (server.hasEnded() || Date.now() > deadline) throw new UserError(server.lines().join('\n'));
		await sleep(100);
	}
}

const works = async (program: string, args: string[]) =>
	!(await execa(program, args, { reject: false })).failed;

const areInstalled = async () =>
	(await works('redis-server', ['--version'])) && existsSync(join(postgresFolder(), 'initdb'));

/** Debian has a folder for each version, which isn't on the PATH; elsewhere, set POSTGRES_BIN. */
function postgresFolder(): string {
	if (process.env.POSTGRES_BIN !== undefined) return process.env.POSTGRES_BIN;
	const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
	const [newest = ''] = versions.sort((a, b) => Number(b) - Number(a));
	return join(DEBIAN_FOLDER, newest, 'bin');
}

const idOf = async (flag: '-u' | '-g') => Number((await execa('id', [flag, 'postgres'])).stdout);
