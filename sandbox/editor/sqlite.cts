import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeRuntime } from './nodeRuntime.cts';
import { npm } from './npm.cts';
import { WORK_FOLDER } from './paths.cts';
import { step } from './progress.cts';
import { UserError } from './userError.cts';

/**
 * n8n's database driver, `sqlite3` 5.1.7, ships no binary: its install script downloads one from GitHub
 * or compiles for more than a minute. This package ships N-API binaries for eight platforms, compiled
 * from C++ sources that are byte for byte those of sqlite3 5.1.7 (with a newer SQLite inside), so its
 * binary serves under the original's JavaScript.
 */
const BINARY_PACKAGE = '@appthreat/sqlite3';
const BINARY_VERSION = '8.0.1';
const SAME_SOURCES_AS = '5.1.7';

/** How n8n's database driver came to its binary. */
export type SqliteOrigin = 'already there' | 'shipped' | 'compiled';

/** Gives the sqlite3 in n8n's `node_modules` its binary: a shipped one where one fits, else by compiling. */
export async function provideSqlite(n8nRoot: string, node: NodeRuntime): Promise<SqliteOrigin> {
	const folder = path.join(n8nRoot, 'node_modules', 'sqlite3');
	if (works(folder, node)) return 'already there';
	const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
		version: string;
	};
	if (version === SAME_SOURCES_AS && (await takeShipped(folder, node))) {
		return 'shipped';
	}
	await compile(n8nRoot, node);
	if (works(folder, node)) return 'compiled';
	throw new UserError(
		'The database driver was compiled but does not run. Delete .n8n and run this again.',
	);
}

async function takeShipped(folder: string, node: NodeRuntime): Promise<boolean> {
	const root = path.join(WORK_FOLDER, 'sqlite3');
	await step("Getting the database driver's binary", 'about 5 seconds', async () => {
		rmSync(root, { recursive: true, force: true });
		mkdirSync(root, { recursive: true });
		writeFileSync(path.join(root, 'package.json'), '{ "private": true }\n');
		const wanted = `${BINARY_PACKAGE}@${BINARY_VERSION}`;
		await npm(
			['install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', wanted],
			{
				cwd: root,
				failure: "The database driver's binary could not be installed",
			},
		);
	});
	const shipped = path.join(root, 'node_modules', BINARY_PACKAGE, 'prebuilds');
	const release = path.join(folder, 'build', 'Release');
	mkdirSync(release, { recursive: true });
	for (const binary of binariesFor(shipped)) {
		copyFileSync(binary, path.join(release, 'node_sqlite3.node'));
		if (works(folder, node)) return true;
	}
	rmSync(path.join(folder, 'build'), { recursive: true });
	return false;
}

/** glibc's and musl's stand side by side; which one fits shows when it is loaded. */
function binariesFor(prebuilds: string): string[] {
	const platform = path.join(prebuilds, `${process.platform}-${process.arch}`);
	try {
		return readdirSync(platform)
			.filter((name) => name.endsWith('.node'))
			.map((name) => path.join(platform, name));
	} catch {
		// Nothing is shipped for this platform.
		return [];
	}
}

async function compile(n8nRoot: string, node: NodeRuntime) {
	const bin = path.dirname(node.binary);
	await step('Compiling the database driver', 'one to four minutes', async () => {
		await npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'], {
			cwd: n8nRoot,
			node: node.binary,
			env: {
				PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
				// Without it, the compiler's helper downloads the headers from nodejs.org.
				...(node.headers ? { npm_config_nodedir: node.headers } : {}),
			},
			failure:
				'The database driver could not be compiled (it needs Python 3, make and a C++ compiler; on Debian: apt-get install python3 make g++)',
		});
	});
}

/** Writes a row and reads it back, under the Node that will run n8n. */
function works(folder: string, node: NodeRuntime): boolean {
	const script = `
		const { Database } = require(${JSON.stringify(folder)}).verbose();
		const fail = (error) => { if (error) throw error; };
		const db = new Database(':memory:', fail);
		db.serialize(() => {
			db.run('CREATE TABLE t (a TEXT)', fail);
			db.run('INSERT INTO t VALUES (?)', ['works'], function (error) { fail(error); if (this.lastID !== 1) throw this; });
			db.all('SELECT a FROM t', (error, rows) => { fail(error); console.log(rows[0].a); });
		});`;
	const tried = spawnSync(node.binary, ['-e', script], { encoding: 'utf8', timeout: 120_000 });
	return tried.stdout.trim() === 'works';
}
