import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { check, lock } from 'proper-lockfile';
import { nodeFor, type NodeRuntime } from './nodeRuntime.cts';
import { installInto, isInstalled, npm } from './npm.cts';
import { DEFAULT_N8N_VERSION, WORK_FOLDER } from './paths.cts';
import { say, step } from './progress.cts';
import { UserError } from './userError.cts';

/** An n8n that can be started. */
export interface Installed {
	version: string;
	/** The Node.js to run it with. */
	node: string;
	/** The file that starts n8n. */
	bin: string;
	/**
	 * Parent of the folders for N8N_USER_FOLDER. It's next to n8n's `node_modules`, so that an installed community
	 * package finds n8n's own `n8n-workflow`, not the one in this project.
	 */
	users: string;
}

/**
 * Installs n8n into the work folder, and a Node.js for it if this one is too old. Takes minutes the first time and
 * milliseconds after that. An installation that was interrupted is repeated.
 *
 * @throws {UserError} if the version doesn't exist, or npm fails
 */
export async function installN8n(version = DEFAULT_N8N_VERSION): Promise<Installed> {
	if (!/^\d+\.\d+\.\d+/.test(version)) {
		const sentence = `"${version}" is not a version of n8n.`;
		throw new UserError(`${sentence} Use one such as ${DEFAULT_N8N_VERSION}.`);
	}
	const root = path.join(WORK_FOLDER, version);
	const known = readMarker(version, root);
	if (known) return known;
	mkdirSync(WORK_FOLDER, { recursive: true });
	if (await check(WORK_FOLDER)) say('Waiting for another installation ...');
	const release = await lock(WORK_FOLDER, { retries: { forever: true, factor: 1 }, stale: 60_000 });
	try {
		return readMarker(version, root) ?? (await install(version, root));
	} finally {
		await release();
	}
}

async function install(version: string, root: string): Promise<Installed> {
	if (!isInstalled(root)) {
		await step(`Installing n8n ${version} (3 GB)`, 'about 3 minutes', async () => {
			// The install script of a Kafka client, which nothing here uses, would fail without access to GitHub.
			await installInto(root, `n8n@${version}`);
		});
	}
	const node = await nodeFor(root);
	await rebuildSqlite(root, node);
	writeFileSync(path.join(root, 'installed.json'), JSON.stringify({ node: node.binary }));
	return readMarker(version, root) as Installed;
}

/**
 * Runs the install script of n8n's database driver, the only one that n8n needs to start. It downloads the driver's
 * binary from GitHub, or compiles it if GitHub can't be reached.
 */
async function rebuildSqlite(root: string, node: NodeRuntime): Promise<void> {
	await step('Installing the database driver', 'a minute or more to compile', async () => {
		await npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'], {
			cwd: root,
			env: {
				PATH: `${path.dirname(node.binary)}${path.delimiter}${process.env.PATH ?? ''}`,
				// Otherwise node-gyp downloads the headers from nodejs.org.
				...(node.headers ? { npm_config_nodedir: node.headers } : {}),
			},
			failure:
				"n8n's database driver could not be installed (compiling it needs Python 3, make, and a C++ compiler; on Debian: apt-get install python3 make g++)",
		});
	});
}

function readMarker(version: string, root: string): Installed | undefined {
	const marker = path.join(root, 'installed.json');
	if (!existsSync(marker)) return undefined;
	const { node } = JSON.parse(readFileSync(marker, 'utf8')) as { node: string };
	const bin = path.join(root, 'node_modules', 'n8n', 'bin', 'n8n');
	// One of them may have been deleted.
	if (!existsSync(node) || !existsSync(bin)) return undefined;
	return { version, node, bin, users: path.join(root, 'users') };
}
