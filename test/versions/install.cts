import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { npm } from '../../sandbox/editor/npm.cts';
import { PROJECT_FOLDER, WORK_FOLDER } from '../../sandbox/editor/paths.cts';

/** An n8n-core that is installed, with the n8n-workflow that belongs to it. */
export interface InstalledCore {
	core: string;
	workflow: string;
	/** npm's folder: its `node_modules` holds both. */
	folder: string;
}

/**
 * What n8n pins in its own repository and its packages on npm leave open: with the newest release of these,
 * an old n8n-core does not load.
 */
const PINNED_BY_N8N = { 'zod-to-json-schema': '3.23.3' };

/** Up to this version of n8n-core the pins are needed; later ones need the newest releases. */
const NEEDS_PINS = 100;

/** @returns the exact version that a tag such as `latest` stands for */
export async function exactVersion(version: string): Promise<string> {
	if (/^\d+\.\d+\.\d+/.test(version)) return version;
	const output = await npm(['view', `n8n-core@${version}`, 'version', '--loglevel=error'], {
		cwd: PROJECT_FOLDER,
		failure: `The version of n8n-core that "${version}" stands for could not be found`,
	});
	const found = /^\d+\.\d+\.\d+\S*$/m.exec(output)?.[0];
	if (found === undefined) throw new Error(`npm knows no version "${version}" of n8n-core`);
	return found;
}

/** Installs n8n-core, and nothing else, into the work folder; does nothing when it is there. */
export async function installCore(core: string): Promise<InstalledCore> {
	const folder = path.join(WORK_FOLDER, 'core', core);
	const complete = path.join(folder, 'installed');
	if (!existsSync(complete)) {
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder, { recursive: true });
		const [major, minor] = core.split('.').map(Number) as [number, number];
		const overrides = major === 1 && minor < NEEDS_PINS ? PINNED_BY_N8N : {};
		writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, overrides }));
		const flags = [
			'--ignore-scripts',
			'--legacy-peer-deps',
			'--no-audit',
			'--no-fund',
			'--loglevel=error',
		];
		await npm(['install', ...flags, `n8n-core@${core}`], {
			cwd: folder,
			failure: `n8n-core ${core} could not be installed`,
		});
		writeFileSync(complete, '');
	}
	return { core, workflow: versionOf(folder, 'n8n-workflow'), folder };
}

function versionOf(folder: string, name: string): string {
	const file = path.join(folder, 'node_modules', name, 'package.json');
	return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
