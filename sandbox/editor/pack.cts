import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { npm } from './npm.cts';
import { PROJECT_FOLDER, WORK_FOLDER } from './paths.cts';

/** A package as npm would publish it. */
export interface Packed {
	/** The tarball's path. */
	tarball: string;
	name: string;
	version: string;
	/** Paths inside the package. */
	files: string[];
}

interface PackReport {
	name: string;
	version: string;
	filename: string;
	files: Array<{ path: string }>;
}

/** Builds the project and packs it. The same sources give the same bytes. */
export async function packProject(): Promise<Packed> {
	await npm(['run', 'build'], { cwd: PROJECT_FOLDER, failure: 'The project could not be built' });
	const folder = path.join(WORK_FOLDER, 'package');
	mkdirSync(folder, { recursive: true });
	const output = await npm(
		['pack', '--json', '--loglevel=error', '--ignore-scripts', '--pack-destination', folder],
		{ cwd: PROJECT_FOLDER, failure: 'The project could not be packed' },
	);
	const report = readReport(output);
	return {
		tarball: path.join(folder, report.filename),
		name: report.name,
		version: report.version,
		files: report.files.map((file) => file.path),
	};
}

/** npm's JSON in its output, past any warning lines. Older npm prints a list, newer an object by name. */
export function readReport(output: string): PackReport {
	const start = /^[[{]/m.exec(output)?.index;
	if (start === undefined) throw new Error(`npm pack printed no report: ${output}`);
	const parsed = JSON.parse(output.slice(start)) as PackReport[] | Record<string, PackReport>;
	const report = Object.values(parsed)[0];
	if (!report) throw new Error(`npm pack reported no package: ${output}`);
	return report;
}
