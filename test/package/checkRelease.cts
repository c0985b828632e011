import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';

/** The part of package.json that a release depends on. */
export interface Manifest {
	version: string;
	homepage: string;
	author: { name: string; email: string };
	repository: { url: string };
}

/** What stands in package.json until the publisher has filled in who publishes, and where. */
const PLACEHOLDER = /\b(OWNER|PUBLISHER)\b/;

/**
 * Says what is wrong with a release, before it is published.
 *
 * @param tag the tag's name, e.g. `v0.1.0`
 * @param changelog the text of CHANGELOG.md
 * @param readme the text of README.md
 * @returns a sentence, or undefined when all belong together
 */
export function releaseProblem(
	tag: string,
	{ version, homepage, author, repository }: Manifest,
	changelog: string,
	readme: string,
): string | undefined {
	const placeholder = [author.name, author.email, homepage, repository.url].find((text) =>
		PLACEHOLDER.test(text),
	);
	if (placeholder !== undefined) {
		return `"${placeholder}" in package.json is a placeholder: fill in who publishes the package, and the repository.`;
	}
	if (PLACEHOLDER.test(readme)) {
		return 'README.md links to a placeholder: replace OWNER with the repository that package.json names.';
	}
	if (tag !== `v${version}`) {
		return `The tag is ${tag}, and the version in package.json is ${version}: the tag must be v${version}.`;
	}
	const sections = changelog.split(/^## /m).slice(1);
	const section = sections.find((text) => text.startsWith(`[${version}]`));
	if (section === undefined)
		return `CHANGELOG.md has no section "## [${version}] - year-month-day".`;
	const [heading = '', ...lines] = section.split('\n');
	if (!/\] - \d{4}-\d{2}-\d{2}\s*$/.test(heading)) {
		return `The section of CHANGELOG.md for ${version} has no date: "## ${heading}".`;
	}
	if (!lines.some((line) => line.startsWith('- '))) {
		return `The section of CHANGELOG.md for ${version} says nothing.`;
	}
	return undefined;
}

/** `npm run release:check -- v0.1.0`: whether tag, package.json and changelog belong together. */
function main([tag = '']: string[]): void {
	const read = (file: string) => readFileSync(path.join(PROJECT_FOLDER, file), 'utf8');
	const manifest = JSON.parse(read('package.json')) as Manifest;
	const problem = releaseProblem(tag, manifest, read('CHANGELOG.md'), read('README.md'));
	console.log(problem ?? `${tag} can be published.`);
	if (problem !== undefined) process.exitCode = 1;
}

if (require.main === module) main(process.argv.slice(2));
