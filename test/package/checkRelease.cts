import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';

/** What stands in both files until somebody has filled in who publishes the package. */
const PLACEHOLDER = /\b(OWNER|PUBLISHER)\b/;

/**
 * What stands in the way of a release.
 *
 * @param tag the tag's name, e.g. `v0.1.0`
 * @param manifest the text of package.json
 */
export function releaseProblems(
	tag: string,
	manifest: string,
	changelog: string,
	readme: string,
): string[] {
	const { version } = JSON.parse(manifest) as { version: string };
	const sections = changelog.split(/^## /m);
	const section = sections.find((text) => text.startsWith(`[${version}] - `)) ?? '';
	const checks: Array<[isFine: boolean, problem: string]> = [
		[!PLACEHOLDER.test(manifest), 'Replace OWNER and PUBLISHER in package.json.'],
		[!PLACEHOLDER.test(readme), 'Replace OWNER in README.md.'],
		[tag === `v${version}`, `The tag must be v${version}.`],
		[
			/^\S+ - \d{4}-\d{2}-\d{2}\s*\n(?:[^]*\n)?- /.test(section),
			`CHANGELOG.md needs a section "## [${version}] - year-month-day" with changes.`,
		],
	];
	return checks.filter(([isFine]) => !isFine).map(([, problem]) => problem);
}

/** `npm run release:check -- v0.1.0` */
function main([tag = '']: string[]): void {
	const read = (file: string) => readFileSync(path.join(PROJECT_FOLDER, file), 'utf8');
	const files = ['package.json', 'CHANGELOG.md', 'README.md'] as const;
	const problems = releaseProblems(tag, ...(files.map(read) as [string, string, string]));
	console.log(problems.join('\n') || `${tag} can be published.`);
	if (problems.length > 0) process.exitCode = 1;
}

if (require.main === module) main(process.argv.slice(2));
