import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import getPort from 'get-port';

import { aptInstall } from '../../sandbox/editor/apt.cts';
import { launch } from '../../sandbox/editor/processes.cts';
import type { Launched } from '../../sandbox/editor/processes.cts';
import { UserError } from '../../sandbox/editor/userError.cts';

const READY_TIMEOUT_MS = 120_000;

/** A Redis and a PostgreSQL of their own, empty, on ports of their own. */
export interface Services {
	/** What n8n has to be told of them. */
	env: Record<string, string>;
	stop: () => Promise<void>;
}

/**
 * Starts what n8n's queue mode needs; on a Debian as root, installs it first.
 * @param folder where the database is kept
 * @throws {UserError} they are not there and can't be installed, or don't start
 */
export async function startServices(folder: string): Promise<Services> {
	if (!isThere('redis-server') || postgresFolder() === undefined) {
		await aptInstall('Redis and PostgreSQL', ['redis-server', 'postgresql']);
	}
	const bin = postgresFolder();
	if (!isThere('redis-server') || bin === undefined) {
		throw new UserError(
			'Queue mode needs Redis and PostgreSQL. Install them (on Debian: apt-get install redis-server postgresql), and run this again.',
		);
	}
	const redisPort = await getPort();
	const redis = launch(
		'redis-server',
		['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
		{ cwd: folder },
	);
	await untilReady(redis, 'Redis', ['redis-cli', '-p', String(redisPort), 'ping']);
	const database = await startPostgres(bin, join(folder, 'postgres'));
	return {
		env: {
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redisPort),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(database.port),
			DB_POSTGRESDB_USER: 'n8n',
			DB_POSTGRESDB_DATABASE: 'postgres',
		},
		stop: async () => {
			await Promise.all([redis.stop(), database.server.stop()]);
		},
	};
}

async function startPostgres(
	bin: string,
	data: string,
): Promise<{ port: number; server: Launched }> {
	mkdirSync(data);
	// PostgreSQL refuses to run as root.
	const isRoot = process.getuid?.() === 0;
	if (isRoot) chownSync(data, idOf('-u'), idOf('-g'));
	const command = (program: string) => [
		...(isRoot ? ['runuser', '-u', 'postgres', '--'] : []),
		join(bin, program),
	];
	const run = (program: string, ...args: string[]) => {
		const [first = '', ...rest] = command(program);
		return launch(first, [...rest, ...args], { cwd: data });
	};
	const init = run('initdb', '-D', data, '-A', 'trust', '-U', 'n8n', '-E', 'UTF8', '--no-sync');
	if ((await init.ended).code !== 0) {
		throw new UserError(`PostgreSQL made no database:\n${init.lines().join('\n')}`);
	}
	const port = await getPort();
	const server = run(
		'postgres',
		...['-D', data, '-h', '127.0.0.1', '-p', String(port)],
		...['-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
	);
	await untilReady(server, 'PostgreSQL', [
		join(bin, 'pg_isready'),
		...['-h', '127.0.0.1', '-p', String(port)],
	]);
	return { port, server };
}

async function untilReady(server: Launched, name: string, question: string[]): Promise<void> {
	const [program = '', ...args] = question;
	const deadline = Date.now() + READY_TIMEOUT_MS;
	while (spawnSync(program, args).status !== 0) {
		if (server.hasEnded() || Date.now() > deadline) {
			throw new UserError(`${name} did not start:\n${server.lines().slice(-10).join('\n')}`);
		}
		await sleep(100);
	}
}

const isThere = (program: string) => spawnSync(program, ['--version']).status === 0;

/** Debian keeps PostgreSQL's programs in a folder for each version, and off the PATH. */
function postgresFolder(): string | undefined {
	const root = '/usr/lib/postgresql';
	const versions = existsSync(root) ? readdirSync(root) : [];
	const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
	if (newest !== undefined) return join(root, newest, 'bin');
	const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
	return stdout?.trim() || undefined;
}

const idOf = (flag: '-u' | '-g') =>
	Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
