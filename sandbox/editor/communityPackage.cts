import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm } from './npm.cts';

/** Where n8n keeps the community packages that its user installed. */
export function packagesFolder(userFolder: string): string {
	return path.join(userFolder, '.n8n', 'nodes');
}

/**
 * Installs a packed package into an n8n user folder with the flags n8n itself uses, which keep the peer
 * (`n8n-workflow`, n8n's own copy is used) and all scripts out. Does nothing when that very package,
 * by content, is there.
 * @returns whether it was installed now
 */
export async function installCommunityPackage(
	userFolder: string,
	tarball: string,
	node: string,
): Promise<boolean> {
	const folder = packagesFolder(userFolder);
	const marker = markerIn(userFolder);
	const hash = createHash('sha256').update(readFileSync(tarball)).digest('hex');
	if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return false;
	// A new package under the same version would otherwise be taken for the old one.
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const manifest = { name: 'installed-nodes', private: true, dependencies: {} };
	writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
	await npm(
		[
			'install',
			'--legacy-peer-deps',
			'--ignore-scripts',
			'--no-audit',
			'--no-fund',
			'--prefer-offline',
			tarball,
		],
		{ cwd: folder, node, failure: `${path.basename(tarball)} could not be installed into n8n` },
	);
	writeFileSync(marker, hash);
	return true;
}

/** Call it before changing the installed package by hand: the next start then installs it anew. */
export function forgetCommunityPackage(userFolder: string): void {
	rmSync(markerIn(userFolder), { force: true });
}

function markerIn(userFolder: string): string {
	return path.join(userFolder, 'installed-package.sha256');
}
