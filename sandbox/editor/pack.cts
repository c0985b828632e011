import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { npm } from './npm.cts';
import { PROJECT_FOLDER, WORK_FOLDER } from './paths.cts';

/** A package as npm would publish it. */
type Packed = { filename: string; files: Array<{ path: string }> };

/** Runs `npm pack` with more flags. */
export async function npmPack(...flags: string[]): Promise<Packed> {
	const output = await npm(['pack', '--json', '--loglevel=error', '--ignore-scripts', ...flags], {
		cwd: PROJECT_FOLDER,
		failure: 'The project could not be packed',
	});
	// Older npm prints a list, newer npm an object with the packages' names as keys.
	return Object.values(JSON.parse(output) as Record<string, Packed>)[0] as Packed;
}

/** Builds and packs the project. */
export async function packProject(): Promise<{ tarball: string; files: string[] }> {
	await npm(['run', 'build'], { cwd: PROJECT_FOLDER, failure: 'The project could not be built' });
	const folder = path.join(WORK_FOLDER, 'package');
	mkdirSync(folder, { recursive: true });
	const { filename, files } = await npmPack('--pack-destination', folder);
	return { tarball: path.join(folder, filename), files: files.map((file) => file.path) };
}
