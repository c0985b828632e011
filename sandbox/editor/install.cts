import {
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statfsSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.cts';
import { type NodeRuntime, nodeFor } from './nodeRuntime.cts';
import { npm } from './npm.cts';
import { DEFAULT_N8N_VERSION, type VersionFolders, versionFolders, WORK_FOLDER } from './paths.cts';
import { say, step } from './progress.cts';
import { UserError } from './userError.cts';

const NEEDED_BYTES = 4e9;

/** An n8n that is ready to be started. */
export interface Installed {
	version: string;
	/** The Node to run it with. */
	node: string;
	folders: VersionFolders;
}

export interface InstallOptions {
	/** Such as `2.40.7`. */
	version?: string;
}

/**
 * Gets an n8n, and a Node for it where the machine's is too old, into the work folder. Takes minutes the
 * first time and milliseconds after that; an interrupted installation is done again.
 * @throws {UserError} no network, too little disk, unknown version
 */
export async function installN8n(options: InstallOptions = {}): Promise<Installed> {
	const { version = DEFAULT_N8N_VERSION } = options;
	if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
		throw new UserError(
			`"${version}" is not an n8n version. Give one such as ${DEFAULT_N8N_VERSION}.`,
		);
	}
	const folders = versionFolders(version);
	const known = readMarker(version, folders);
	if (known) return known;
	return await withLock(
		path.join(WORK_FOLDER, 'install.lock'),
		async () => readMarker(version, folders) ?? (await install(version, folders)),
		(pid) => say(`Another installation (process ${pid}) is running; waiting for it.`),
	);
}

async function install(version: string, folders: VersionFolders): Promise<Installed> {
	const packages = path.join(folders.root, 'packages.complete');
	if (!existsSync(packages) || !existsSync(folders.bin)) {
		if (existsSync(path.join(folders.root, 'node_modules'))) {
			say('An earlier installation was interrupted; starting it again.');
			rmSync(path.join(folders.root, 'node_modules'), { recursive: true, force: true });
		}
		checkDisk();
		await installPackages(version, folders);
		writeFileSync(packages, '');
	}
	const node = await nodeFor(folders.root);
	await rebuildSqlite(folders.root, node);
	const half = `${folders.marker}.half`;
	writeFileSync(half, `${JSON.stringify({ version, node: node.binary }, null, '\t')}\n`);
	renameSync(half, folders.marker);
	return { version, node: node.binary, folders };
}

async function installPackages(version: string, folders: VersionFolders) {
	mkdirSync(folders.root, { recursive: true });
	rmSync(path.join(folders.root, 'package-lock.json'), { force: true });
	writeFileSync(path.join(folders.root, 'package.json'), '{ "private": true }\n');
	const before = freeBytes();
	await step(
		`Installing n8n ${version} (about 3 GB)`,
		'about 3 minutes',
		async () => {
			// No install scripts: the one of a Kafka client, which nothing here uses, fails without access to GitHub.
			await npm(
				[
					'install',
					'--ignore-scripts',
					'--no-audit',
					'--no-fund',
					'--loglevel=error',
					`n8n@${version}`,
				],
				{
					cwd: folders.root,
					failure: `n8n ${version} could not be installed`,
				},
			);
		},
		() => `${(Math.max(0, before - freeBytes()) / 1e9).toFixed(1)} GB on disk`,
	);
}

/**
 * Runs the install script of n8n's database driver, the only one that n8n needs to start. It downloads the driver's
 * binary from GitHub, or compiles it where GitHub can't be reached.
 */
async function rebuildSqlite(root: string, node: NodeRuntime) {
	await step(
		'Installing the database driver',
		'a few seconds, or a few minutes to compile it',
		async () => {
			await npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'], {
				cwd: root,
				node: node.binary,
				env: {
					PATH: `${path.dirname(node.binary)}${path.delimiter}${process.env.PATH ?? ''}`,
					// Otherwise node-gyp downloads the headers from nodejs.org.
					...(node.headers ? { npm_config_nodedir: node.headers } : {}),
				},
				failure:
					"n8n's database driver could not be installed (compiling it needs Python 3, make, and a C++ compiler; on Debian: apt-get install python3 make g++)",
			});
		},
	);
}

function readMarker(version: string, folders: VersionFolders): Installed | undefined {
	try {
		const { node } = JSON.parse(readFileSync(folders.marker, 'utf8')) as Installed;
		// Deleted by hand, or the machine's Node was replaced: install again.
		if (!existsSync(node) || !existsSync(folders.bin)) return undefined;
		return { version, node, folders };
	} catch {
		// Absent: not installed, or not completely.
		return undefined;
	}
}

function freeBytes(): number {
	mkdirSync(WORK_FOLDER, { recursive: true });
	const { bavail, bsize } = statfsSync(WORK_FOLDER);
	return bavail * bsize;
}

function checkDisk() {
	const free = freeBytes();
	if (free >= NEEDED_BYTES) return;
	throw new UserError(
		`Too little disk space: n8n needs about ${NEEDED_BYTES / 1e9} GB, and ${(free / 1e9).toFixed(1)} GB are free. Free some space, then run this again.`,
	);
}
